package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
)

// What a person may decide about a message whose outcome is unknown.
const (
	DecisionAsk       = "ask"
	DecisionArrived   = "arrived"
	DecisionSendAgain = "send_again"
)

// Resolution is a person's word on a message whose outcome is unknown.
type Resolution struct {
	Decision string `json:"decision" enum:"ask,arrived,send_again" doc:"ask: look it up at the provider now. arrived: it did, nothing is sent. send_again: one more attempt of the same message, accepting that it may arrive twice."`
}

type resolutionInput struct {
	Idempotent
	ID   string `path:"id"`
	Body Resolution
}

type resolutionOutput struct {
	Replayable
	Body Message
}

type listUnknownInput struct {
	Status string `query:"status" required:"true" enum:"unknown"`
	Limit  int32  `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor string `query:"cursor" maxLength:"512"`
}

func (a *API) registerResolution() {
	registerOnce(a, with(protected("resolve-message", http.MethodPost, "/api/messages/{id}/resolution", tagMessages, "Decide about an unknown outcome"),
		http.StatusAccepted, "Only while the status is unknown: 409 afterwards, and for the second of two who decide at once. "+
			"The decision, and whose it is, becomes part of the journey. What the provider reports later still counts by rank."),
		a.resolveMessage)
}

func (a *API) listUnknown(ctx context.Context, input *listUnknownInput) (*listMessagesOutput, error) {
	request := &storev1.ListMessagesRequest{Status: input.Status, Limit: input.Limit, Cursor: input.Cursor}
	response := &storev1.ListMessagesResponse{}
	if err := a.askForList(ctx, principalOf(ctx).Workspace, "message", request, response); err != nil {
		return nil, err
	}
	page := MessagePage{Items: mapped(response.GetItems(), a.deps.Shapes.message), NextCursor: response.GetNextCursor()}
	return &listMessagesOutput{Body: page}, nil
}

func (a *API) resolveMessage(ctx context.Context, input *resolutionInput) (*resolutionOutput, error) {
	message, err := a.message(ctx, input.ID)
	if err != nil {
		return nil, err
	}
	if message.GetStatus() != string(channel.Unknown) {
		return nil, NewProblem(http.StatusConflict, CodeConflict,
			"There is nothing to decide: the status of the message is "+message.GetStatus()+".")
	}
	send := &eventv1.SendMessage{
		MessageId: message.GetId(), Channel: message.GetChannel(), Provider: message.GetProvider(),
	}
	if input.Body.Decision == DecisionSendAgain {
		if send, _, err = a.prepareRetry(ctx, input.ID); err != nil {
			return nil, err
		}
	}
	became, err := a.resolve(ctx, resolutionOf(ctx, input.Body.Decision, send), message.GetAttempt())
	if err != nil {
		return nil, err
	}
	message.Status, message.Attempt = became.GetStatus(), became.GetAttempt()
	if message.GetStatus() != string(channel.Unknown) {
		message.Failure = nil // the reason why it was not known
	}
	return &resolutionOutput{Body: a.deps.Shapes.message(message)}, nil
}

// resolutionOf is the caller's word. send is the next attempt with the decision send_again, and else what is known of
// the message.
func resolutionOf(ctx context.Context, decision string, send *eventv1.SendMessage) *senderv1.ResolveMessageRequest {
	principal := principalOf(ctx)
	request := &senderv1.ResolveMessageRequest{
		MessageId: send.GetMessageId(), Channel: send.GetChannel(), ChannelAccountId: send.GetChannelAccountId(),
		Provider: send.GetProvider(), Resolution: &eventv1.Resolution{Decision: decision, UserId: principal.UserID},
	}
	if principal.Kind == access.KindAPIKey {
		request.Resolution.ApiKeyId = principal.ID
	}
	if decision == DecisionSendAgain {
		request.Send = send
	}
	return request
}

// resolve tells the sender, whose ledger lets one of two decide.
func (a *API) resolve(
	ctx context.Context, request *senderv1.ResolveMessageRequest, attempt int32,
) (*senderv1.ResolveMessageResponse, error) {
	request.Attempt = attempt
	response := &senderv1.ResolveMessageResponse{}
	err := a.deps.Bus.Ask(ctx, event.AskSubject(principalOf(ctx).Workspace, "message", "resolve"), request, response)
	if refused, ok := errors.AsType[*bus.AskError](err); ok && refused.Code == bus.CodeUnavailable {
		return nil, unavailable(CodeUnavailable, refused.Message, retryStore)
	}
	return response, err
}
