package postmark

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// handleSuppressions serves the list of those who are written to no more.
func (a *API) handleSuppressions(mux *http.ServeMux) {
	const base = "/message-streams/{stream}/suppressions"
	mux.Handle("GET "+base+"/dump", a.server.Lookup(a.authenticated(a.dump)))
	mux.Handle("POST "+base, a.server.Lookup(a.authenticated(a.changing(a.add))))
	mux.Handle("POST "+base+"/delete", a.server.Lookup(a.authenticated(a.changing(a.remove))))
}

func (a *API) dump(call provider.Call) provider.Answer {
	if call.PathValue("stream") != stream {
		return fail(codeStream)
	}
	listed := []any{}
	for _, one := range a.suppressions.List() {
		listed = append(listed, map[string]any{
			"EmailAddress": one.Address, "SuppressionReason": wordOf(one.Reason), "Origin": "Recipient", "CreatedAt": formatTime(one.At),
		})
	}
	return provider.JSON(http.StatusOK, map[string]any{"Suppressions": listed})
}

// changing reads the addresses of a change, makes it for each and answers how each went.
func (a *API) changing(change func(address string) (status string, message any)) provider.Handler {
	return func(call provider.Call) provider.Answer {
		if call.PathValue("stream") != stream {
			return fail(codeStream)
		}
		var request struct {
			Suppressions []struct{ EmailAddress string }
		}
		if json.Unmarshal(call.Content, &request) != nil {
			return fail(codeBadJSON)
		}
		results := []any{}
		for _, one := range request.Suppressions {
			status, message := change(one.EmailAddress)
			results = append(results, map[string]any{"EmailAddress": one.EmailAddress, "Status": status, "Message": message})
		}
		return provider.JSON(http.StatusOK, map[string]any{"Suppressions": results})
	}
}

func (a *API) add(address string) (status string, message any) {
	if a.suppressions.Add(address, mailbox.ByHand) {
		a.callbacks.Deliver(a.subscription(mail{}, mailbox.Plain(address), mailbox.ByHand, "Customer", true, time.Now()))
	}
	return "Suppressed", nil
}

func (a *API) remove(address string) (status string, message any) {
	if held, ok := a.suppressions.Find(address); ok && held.Reason == mailbox.ByComplaint {
		return "Failed", "You do not have the required authority to change this suppression."
	}
	if a.suppressions.Remove(address) {
		a.callbacks.Deliver(a.subscription(mail{}, mailbox.Plain(address), "", "Customer", false, time.Now()))
	}
	return "Deleted", nil
}
