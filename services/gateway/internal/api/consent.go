package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// ConsentPage is one page, the newest change first.
type ConsentPage struct {
	Items      []Consent `json:"items" nullable:"false"`
	NextCursor string    `json:"nextCursor,omitempty" doc:"Absent on the last page."`
}

// SetConsent is a person's decision about an address.
type SetConsent struct {
	Channel string `json:"channel" enum:"email,sms,call,whatsapp,social,live_chat"`
	Address string `json:"address" minLength:"1" maxLength:"320" doc:"International phone number or e-mail address."`
	State   string `json:"state" enum:"opted_out,opted_in"`
	Reason  string `json:"reason" minLength:"1" maxLength:"500" doc:"Why, in plain words: it is shown beside the address."`
}

type listConsentsInput struct {
	Channel string `query:"channel" enum:"email,sms,call,whatsapp,social,live_chat"`
	State   string `query:"state" enum:"opted_out,opted_in"`
	Address string `query:"address" maxLength:"320"`
	Limit   int32  `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor  string `query:"cursor" maxLength:"512"`
}

type listConsentsOutput struct{ Body ConsentPage }

type setConsentInput struct {
	Idempotent
	Body SetConsent
}

type setConsentOutput struct {
	Replayable
	Body Consent
}

func (a *API) registerConsents() {
	register(a, with(protected("list-consents", http.MethodGet, "/api/consents", tagSettings, "List opt-outs and opt-ins"), http.StatusOK,
		"An address that is not listed may be written to."), a.listConsents)
	registerOnce(a, with(protected("set-consent", http.MethodPut, "/api/consents", tagSettings, "Opt an address out, or in again"), http.StatusOK,
		"What a person decides, with the reason. It holds for the workspace, the channel and the address."), a.setConsent)
}

func (a *API) listConsents(ctx context.Context, input *listConsentsInput) (*listConsentsOutput, error) {
	request := &storev1.ListConsentsRequest{
		Channel: input.Channel, State: input.State, Address: normalizedOrAsIs(input.Channel, input.Address),
		Limit: input.Limit, Cursor: input.Cursor,
	}
	response := &storev1.ListConsentsResponse{}
	if err := a.askForList(ctx, principalOf(ctx).Workspace, "consent", request, response); err != nil {
		return nil, err
	}
	return &listConsentsOutput{Body: ConsentPage{Items: mapped(response.GetItems(), toConsent), NextCursor: response.GetNextCursor()}}, nil
}

// normalizedOrAsIs is a filter as the store keeps addresses. What is no address finds nothing.
func normalizedOrAsIs(kind, address string) string {
	kinds := []channel.Kind{channel.Kind(kind)}
	if kind == "" {
		kinds = []channel.Kind{channel.Email, channel.SMS}
	}
	for _, each := range kinds {
		if normalized, err := channel.NormalizeAddress(each, address); err == nil {
			return normalized
		}
	}
	return address
}

// setConsent sets a state: the second time changes nothing but the time.
func (a *API) setConsent(ctx context.Context, input *setConsentInput) (*setConsentOutput, error) {
	kind := channel.Kind(input.Body.Channel)
	address, err := channel.NormalizeAddress(kind, input.Body.Address)
	if err != nil {
		return nil, invalid("address", addressHint(kind))
	}
	reason := strings.TrimSpace(input.Body.Reason)
	if reason == "" || strings.ContainsRune(reason, 0) {
		return nil, invalid("reason", "is empty")
	}
	principal := principalOf(ctx)
	request := &storev1.SetConsentRequest{
		Channel: input.Body.Channel, Address: address, State: input.Body.State, Reason: reason, ChangedBy: principal.UserID,
	}
	response := &storev1.SetConsentResponse{}
	if err := a.ask(ctx, principal.Workspace, "consent", "set", request, response); err != nil {
		return nil, err
	}
	return &setConsentOutput{Body: toConsent(response.GetConsent())}, nil
}
