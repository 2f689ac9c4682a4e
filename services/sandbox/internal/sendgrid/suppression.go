package sendgrid

import (
	"encoding/json"
	"net/http"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// lists are the provider's lists by their names in its paths, and why one is on them.
func lists() map[string]mailbox.Reason {
	return map[string]mailbox.Reason{"bounces": mailbox.ByBounce, "spam_reports": mailbox.ByComplaint}
}

// handleSuppressions serves the lists of those who are written to no more.
func (a *API) handleSuppressions(mux *http.ServeMux) {
	for list, reason := range lists() {
		a.handleList(mux, "/v3/suppression/"+list, reason)
	}
	for _, list := range []string{"blocks", "invalid_emails"} { // the sandbox puts nobody on them
		a.handleList(mux, "/v3/suppression/"+list, "none")
	}
	a.handleList(mux, "/v3/asm/suppressions/global", mailbox.ByUnsubscribe)
	mux.Handle("POST /v3/asm/suppressions/global", a.server.Lookup(a.authenticated(a.full(a.unsubscribe))))
}

func (a *API) handleList(mux *http.ServeMux, path string, reason mailbox.Reason) {
	mux.Handle("GET "+path, a.server.Lookup(a.authenticated(a.full(func(provider.Call) provider.Answer {
		return provider.JSON(http.StatusOK, entries(a.suppressions.List(reason)))
	}))))
	mux.Handle("GET "+path+"/{email}", a.server.Lookup(a.authenticated(a.full(func(call provider.Call) provider.Answer {
		held, ok := a.suppressions.Find(call.PathValue("email"))
		if !ok || held.Reason != reason {
			return provider.JSON(http.StatusOK, []any{})
		}
		return provider.JSON(http.StatusOK, entries([]mailbox.Suppression{held}))
	}))))
	mux.Handle("DELETE "+path+"/{email}", a.server.Lookup(a.authenticated(a.full(func(call provider.Call) provider.Answer {
		if !a.suppressions.Remove(call.PathValue("email"), reason) {
			return fail(http.StatusNotFound, "not found", "")
		}
		return provider.Answer{Status: http.StatusNoContent, ContentType: "application/json"}
	}))))
}

func entries(suppressions []mailbox.Suppression) []any {
	listed := []any{}
	for _, one := range suppressions {
		listed = append(listed, map[string]any{"email": one.Address, "created": one.At.Unix(), "reason": string(one.Reason), "status": ""})
	}
	return listed
}

func (a *API) unsubscribe(call provider.Call) provider.Answer {
	var request struct {
		Emails []string `json:"recipient_emails"`
	}
	if json.Unmarshal(call.Content, &request) != nil || len(request.Emails) == 0 {
		return fail(http.StatusBadRequest, "The recipient_emails are missing.", "recipient_emails")
	}
	for _, address := range request.Emails {
		a.suppressions.Add(address, mailbox.ByUnsubscribe)
	}
	return provider.JSON(http.StatusCreated, map[string]any{"recipient_emails": request.Emails})
}
