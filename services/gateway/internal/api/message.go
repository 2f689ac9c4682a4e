package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
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
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
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
	huma.Register(a.huma, protected("get-message", http.MethodGet, "/api/messages/{id}", tagMessages, "Get a message"), a.getMessage)
	huma.Register(a.huma, protected("get-journey", http.MethodGet, "/api/messages/{id}/journey", tagMessages, "Every step of a message"),
		a.getJourney)
	huma.Register(a.huma, with(protected("retry-message", http.MethodPost, "/api/messages/{id}/retry", tagMessages, "Send a message again"),
		http.StatusAccepted, "Starts a new attempt of a message that ended badly."), a.retryMessage)
}

func (a *API) listMessages(context.Context, *listMessagesInput) (*listMessagesOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) getMessage(context.Context, *messageInput) (*messageOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) getJourney(context.Context, *messageInput) (*journeyOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) retryMessage(context.Context, *retryInput) (*retryOutput, error) {
	return nil, errors.ErrUnsupported
}
