package api

import (
	"context"
	"net/http"
	"time"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

// Quarantined is a webhook that is kept apart.
type Quarantined struct {
	ID       uint64      `json:"id"`
	Provider string      `json:"provider"`
	Reason   string      `json:"reason" doc:"bad_signature, unparsable, unknown_address, unknown_endpoint, incomplete or no_message."`
	Detail   string      `json:"detail" doc:"What was found."`
	KeptAt   time.Time   `json:"keptAt"`
	Handling *Handling   `json:"handling,omitempty" doc:"What an operator did with it. Absent while nobody has done anything."`
	Request  *RawWebhook `json:"request,omitempty" doc:"The request as it arrived. Absent in lists."`
}

// RawWebhook is a webhook's request as it arrived.
type RawWebhook struct {
	Method  string   `json:"method"`
	URL     string   `json:"url"`
	Headers []string `json:"headers" nullable:"false" doc:"Name: value."`
	Body    []byte   `json:"body" doc:"Base64. Empty when it has more than 4 MiB: bodyKey then says where it is."`
	BodyKey string   `json:"bodyKey,omitempty" doc:"Key of a large body in the blob store."`
}

// QuarantinePage is one page, newest first.
type QuarantinePage struct {
	Items []Quarantined `json:"items" nullable:"false"`
	Next  uint64        `json:"next,omitempty" doc:"Pass it as before for the next page. Absent on the last; a page may be empty and have a next."`
}

// Fix says what a release is to do differently from the arrival.
type Fix struct {
	Reason      string `json:"reason" minLength:"1" maxLength:"1000" doc:"Why, for whoever reads it later."`
	WorkspaceID string `json:"workspaceId,omitempty" maxLength:"64" doc:"The workspace it is for. Absent to find it by the address."`
	Trusted     bool   `json:"trusted,omitempty" doc:"True to let it through although its signature is not right."`
	Body        []byte `json:"body,omitempty" maxLength:"700000" doc:"Base64. Read in place of what arrived."`
}

// Released is a webhook that was let through.
type Released struct {
	Quarantined
	Events int `json:"events" doc:"How many events it became."`
}

type listQuarantineInput struct {
	LeftoverQuery
	Provider string `query:"provider" maxLength:"64"`
	Reason   string `query:"reason" maxLength:"64"`
}

type listQuarantineOutput struct{ Body QuarantinePage }

type quarantinedOutput struct{ Body Quarantined }

type fixInput struct {
	Idempotent
	ID   uint64 `path:"id"`
	Body Fix
}

type fixOutput struct {
	Replayable
	Body Quarantined
}

type releaseOutput struct {
	Replayable
	Body Released
}

func (a *API) registerQuarantine() {
	const list = operatorPath + "quarantine"
	register(a, protected("list-quarantine", http.MethodGet, list, tagOperator, "List webhooks in quarantine"), a.listQuarantine)
	register(a, protected("get-quarantined", http.MethodGet, list+"/{id}", tagOperator, "Show a webhook in quarantine"), a.getQuarantined)
	registerOnce(a, with(protected("fix-quarantined", http.MethodPut, list+"/{id}/fix", tagOperator, "Fix a webhook in quarantine"),
		http.StatusOK, "Replaces an earlier fix. Nothing happens before the release."), a.fixQuarantined)
	registerOnce(a, with(protected("release-quarantined", http.MethodPost, list+"/{id}/release", tagOperator, "Release a webhook"),
		http.StatusOK, "It goes the way a webhook goes, under the same ids: a second release changes nothing. 409 says what still holds it up."),
		a.releaseQuarantined)
}

func (a *API) listQuarantine(ctx context.Context, input *listQuarantineInput) (*listQuarantineOutput, error) {
	request := &operatorv1.ListQuarantineRequest{
		Provider: input.Provider, Reason: input.Reason, Since: toOptionalProto(&input.Since), All: input.All, Limit: input.Limit,
		Before: input.Before,
	}
	response := &operatorv1.ListQuarantineResponse{}
	if err := a.operate(ctx, "quarantine", "list", request, response); err != nil {
		return nil, err
	}
	return &listQuarantineOutput{Body: QuarantinePage{Items: mapped(response.GetItems(), toQuarantined), Next: response.GetNext()}}, nil
}

func (a *API) getQuarantined(ctx context.Context, input *leftoverInput) (*quarantinedOutput, error) {
	response := &operatorv1.GetQuarantineResponse{}
	if err := a.operate(ctx, "quarantine", "get", &operatorv1.GetQuarantineRequest{Id: input.ID}, response); err != nil {
		return nil, err
	}
	return &quarantinedOutput{Body: toQuarantined(response.GetItem())}, nil
}

func (a *API) fixQuarantined(ctx context.Context, input *fixInput) (*fixOutput, error) {
	request := &operatorv1.FixQuarantineRequest{
		Id: input.ID, By: principalOf(ctx).UserID,
		Fix: &operatorv1.Fix{Reason: input.Body.Reason, WorkspaceId: input.Body.WorkspaceID, Trusted: input.Body.Trusted, Body: input.Body.Body},
	}
	response := &operatorv1.FixQuarantineResponse{}
	if err := a.operate(ctx, "quarantine", "fix", request, response); err != nil {
		return nil, err
	}
	return &fixOutput{Body: toQuarantined(response.GetItem())}, nil
}

func (a *API) releaseQuarantined(ctx context.Context, input *handleInput) (*releaseOutput, error) {
	request := &operatorv1.ReleaseQuarantineRequest{Id: input.ID, By: principalOf(ctx).UserID}
	response := &operatorv1.ReleaseQuarantineResponse{}
	if err := a.operate(ctx, "quarantine", "release", request, response); err != nil {
		return nil, err
	}
	return &releaseOutput{Body: Released{Quarantined: toQuarantined(response.GetItem()), Events: int(response.GetEvents())}}, nil
}

func toQuarantined(q *operatorv1.Quarantined) Quarantined {
	return Quarantined{
		ID: q.GetId(), Provider: q.GetProvider(), Reason: q.GetReason(), Detail: q.GetDetail(), KeptAt: toTime(q.GetKeptAt()),
		Handling: toHandling(q.GetHandling()), Request: toRequest(q.GetRaw()),
	}
}

func toRequest(raw *eventv1.RawPayload) *RawWebhook {
	if raw == nil {
		return nil
	}
	return &RawWebhook{
		Method: raw.GetMethod(), URL: raw.GetUrl(), Headers: append([]string{}, raw.GetHeaders()...), Body: raw.GetBody(),
		BodyKey: raw.GetBodyBlobKey(),
	}
}
