package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/route"
)

// permit refuses a message to somebody who does not want one, and a free one outside the window. It is told here so that
// a person hears it at once; what changes after that stops the message at its end.
func (a *API) permit(ws workspace.ID, account route.Route, message *eventv1.SendMessage, isTemplate bool) error {
	if err := a.checkConsent(ws, account.Kind, "body.to", message.GetTo()); err != nil {
		return err
	}
	for field, addresses := range map[string][]string{"cc": message.GetCc(), "bcc": message.GetBcc()} {
		for i, address := range addresses {
			if err := a.checkConsent(ws, account.Kind, "body."+field+"["+strconv.Itoa(i)+"]", address); err != nil {
				return err
			}
		}
	}
	_, hasWindow := a.describe(account).Windows[account.Kind]
	if !hasWindow || isTemplate || a.deps.Standing.IsWindowOpen(ws, message.GetConversationId(), time.Now()) {
		return nil
	}
	failure := channel.NewFailure(channel.CodeWindowClosed, "", "")
	problem := NewProblem(http.StatusUnprocessableEntity, CodeWindowClosed, failure.Message)
	problem.Remedy = failure.Remedy
	return problem.at("body.body", failure.Message)
}

func (a *API) checkConsent(ws workspace.ID, kind channel.Kind, location, address string) error {
	consent, out := a.deps.Standing.OptedOut(ws, kind, address)
	if !out {
		return nil
	}
	code, remedy := CodeOptedOut, "Use another channel, or opt the address in again with a reason when the customer asks for it."
	detail := address + " has opted out of messages"
	if consent.GetSource() == channel.SourceBounce {
		code, remedy = CodeSuppressed, "Check the address. When it is right, opt it in again with a reason."
		detail = address + " cannot be written to"
	}
	detail += " since " + toTime(consent.GetChangedAt()).Format("2 January 2006, 15:04 MST")
	if consent.GetReason() != "" {
		detail += ": " + consent.GetReason()
	}
	problem := NewProblem(http.StatusUnprocessableEntity, code, detail)
	problem.Remedy, problem.Consent = remedy, new(toConsent(consent))
	return problem.at(location, detail)
}
