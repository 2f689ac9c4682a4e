package resend

import (
	"encoding/json"
	"net/http"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// handleSuppressions serves the list of those who are written to no more.
func (a *API) handleSuppressions(mux *http.ServeMux) {
	mux.Handle("GET /suppressions", a.server.Lookup(a.authenticated(a.full(a.listSuppressions))))
	mux.Handle("POST /suppressions", a.server.Lookup(a.authenticated(a.full(a.addSuppression))))
	mux.Handle("GET /suppressions/{email}", a.server.Lookup(a.authenticated(a.full(a.suppression))))
	mux.Handle("DELETE /suppressions/{email}", a.server.Lookup(a.authenticated(a.full(a.removeSuppression))))
}

func suppressionOf(one mailbox.Suppression) map[string]any {
	return map[string]any{
		"object": "suppression", "id": one.Address, "email": one.Address, "reason": string(one.Reason), "created_at": formatTime(one.At),
	}
}

func (a *API) listSuppressions(provider.Call) provider.Answer {
	listed := []any{}
	for _, one := range a.suppressions.List() {
		listed = append(listed, suppressionOf(one))
	}
	return provider.JSON(http.StatusOK, map[string]any{"object": "list", "has_more": false, "data": listed})
}

func (a *API) suppression(call provider.Call) provider.Answer {
	held, ok := a.suppressions.Find(call.PathValue("email"))
	if !ok {
		return fail(errNotFound)
	}
	return provider.JSON(http.StatusOK, suppressionOf(held))
}

func (a *API) addSuppression(call provider.Call) provider.Answer {
	var request struct {
		Email string `json:"email"`
	}
	if json.Unmarshal(call.Content, &request) != nil || !valid(addresses{request.Email}) {
		return unprocessable("The `email` is missing or no address.")
	}
	a.suppressions.Add(request.Email, mailbox.ByHand)
	held, _ := a.suppressions.Find(request.Email)
	return provider.JSON(http.StatusCreated, suppressionOf(held))
}

func (a *API) removeSuppression(call provider.Call) provider.Answer {
	if !a.suppressions.Remove(call.PathValue("email")) {
		return fail(errNotFound)
	}
	return provider.JSON(http.StatusOK, map[string]any{"object": "suppression", "deleted": true})
}
