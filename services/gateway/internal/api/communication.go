package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Communication is a message to be sent.
type Communication struct {
	Channel        string `json:"channel" enum:"email,sms,call,whatsapp,social,live_chat"`
	To             string `json:"to,omitempty" maxLength:"320" doc:"International phone number or e-mail address. May be left out when conversationId is given."`
	Body           string `json:"body" minLength:"1" maxLength:"1048576" doc:"Plain text. SMS: at most 1600 characters."`
	Subject        string `json:"subject,omitempty" maxLength:"998" doc:"E-mail only. One line."`
	HTML           string `json:"html,omitempty" maxLength:"1048576" doc:"E-mail only."`
	ConversationID string `json:"conversationId,omitempty" doc:"Answer in this conversation: from the same account, in the same e-mail thread."`
}

type sendInput struct {
	Idempotent
	Body Communication
}

type sendOutput struct {
	Replayable
	Body Accepted
}

func (a *API) registerCommunications() {
	huma.Register(a.huma, with(protected("send", http.MethodPost, "/api/communications", tagMessages, "Send a message"),
		http.StatusAccepted, "Answers when the message is safely stored; what becomes of it is told by the message and over realtime."), a.send)
}

func (a *API) send(context.Context, *sendInput) (*sendOutput, error) {
	return nil, errors.ErrUnsupported
}
