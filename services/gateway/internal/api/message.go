package api

import (
	"context"
	"net/http"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// MessagePage is one page of a conversation, newest first.
type MessagePage struct {
	Items      []Message `json:"items" nullable:"false"`
	NextCursor string    `json:"nextCursor,omitempty" doc:"Absent on the last page."`
}

// Journey is every step of a message, oldest first.
type Journey struct {
	Items []JourneyStep `json:"items" nullable:"false"`
}

type listMessagesInput struct {
	ID     string `path:"id"`
	Limit  int32  `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor string `query:"cursor" maxLength:"512"`
}

type listMessagesOutput struct{ Body MessagePage }

type messageInput struct {
	ID string `path:"id"`
}

type messageOutput struct{ Body Message }

type journeyOutput struct{ Body Journey }

type retryInput struct {
	Idempotent
	ID string `path:"id"`
}

type retryOutput struct {
	Replayable
	Body Accepted
}

func (a *API) registerMessages() {
	register(a, protected("get-message", http.MethodGet, "/api/messages/{id}", tagMessages, "Get a message"), a.getMessage)
	register(a, protected("get-journey", http.MethodGet, "/api/messages/{id}/journey", tagMessages, "Every step of a message"),
		a.getJourney)
	register(a, with(protected("list-unknown-messages", http.MethodGet, "/api/messages", tagMessages, "List messages of a status"), http.StatusOK,
		"The messages whose outcome is not known, newest first: each waits for the provider's word or a person's."), a.listUnknown)
	a.registerResolution()
	registerOnce(a, with(protected("retry-message", http.MethodPost, "/api/messages/{id}/retry", tagMessages, "Send a message again"),
		http.StatusAccepted, "Starts a new attempt of a message that ended badly. For one whose outcome is unknown it is the resolution send_again."), a.retryMessage)
}

func (a *API) listMessages(ctx context.Context, input *listMessagesInput) (*listMessagesOutput, error) {
	if !isID(input.ID) {
		return nil, notFound()
	}
	request := &storev1.ListMessagesRequest{ConversationId: input.ID, Limit: input.Limit, Cursor: input.Cursor}
	response := &storev1.ListMessagesResponse{}
	if err := a.askForList(ctx, principalOf(ctx).Workspace, "message", request, response); err != nil {
		return nil, err
	}
	page := MessagePage{Items: mapped(response.GetItems(), a.deps.Shapes.message), NextCursor: response.GetNextCursor()}
	return &listMessagesOutput{Body: page}, nil
}

func (a *API) getMessage(ctx context.Context, input *messageInput) (*messageOutput, error) {
	message, err := a.message(ctx, input.ID)
	if err != nil {
		return nil, err
	}
	return &messageOutput{Body: a.deps.Shapes.message(message)}, nil
}

// message asks for one message of the caller's workspace.
func (a *API) message(ctx context.Context, id string) (*eventv1.Message, error) {
	if !isID(id) {
		return nil, notFound()
	}
	response := &storev1.GetMessageResponse{}
	err := a.ask(ctx, principalOf(ctx).Workspace, "message", "get", &storev1.GetMessageRequest{Id: id}, response)
	return response.GetMessage(), err
}

func (a *API) getJourney(ctx context.Context, input *messageInput) (*journeyOutput, error) {
	if !isID(input.ID) {
		return nil, notFound()
	}
	request, response := &storev1.GetJourneyRequest{MessageId: input.ID}, &storev1.GetJourneyResponse{}
	if err := a.ask(ctx, principalOf(ctx).Workspace, "message", "journey", request, response); err != nil {
		return nil, err
	}
	return &journeyOutput{Body: Journey{Items: mapped(response.GetItems(), toStep)}}, nil
}

// retryMessage publishes the next attempt. The store counts attempts and refuses a message that is under way, so a
// second call starts no second attempt; the event's id names message and attempt.
func (a *API) retryMessage(ctx context.Context, input *retryInput) (*retryOutput, error) {
	if !isID(input.ID) {
		return nil, notFound()
	}
	principal := principalOf(ctx)
	again, status, err := a.prepareRetry(ctx, input.ID)
	if err != nil {
		return nil, err
	}
	if status == string(channel.Unknown) { // two who decide about it at once must not both be right
		_, err := a.resolve(ctx, resolutionOf(ctx, DecisionSendAgain, again), again.GetAttempt()-1)
		accepted := Accepted{ID: again.GetMessageId(), ConversationID: again.GetConversationId(), Status: string(channel.Queued)}
		return &retryOutput{Body: accepted}, err
	}
	accepted, err := a.publish(ctx, principal.Workspace, again)
	if err != nil {
		return nil, err
	}
	return &retryOutput{Body: accepted}, nil
}

// prepareRetry asks for the next attempt of a message, and whether it may be sent now.
func (a *API) prepareRetry(ctx context.Context, id string) (again *eventv1.SendMessage, status string, err error) {
	ws := principalOf(ctx).Workspace
	request, response := &storev1.PrepareRetryRequest{MessageId: id}, &storev1.PrepareRetryResponse{}
	if err := a.ask(ctx, ws, "message", "prepare-retry", request, response); err != nil {
		return nil, "", err
	}
	again = response.GetSend()
	if account, ok := a.deps.Routes.Account(ws, again.GetChannelAccountId()); ok {
		if err := a.permit(ws, account, again, again.GetTemplate() != nil); err != nil {
			return nil, "", err
		}
	}
	return again, response.GetStatus(), nil
}
