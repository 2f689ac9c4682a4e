package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// ConversationPage is one page, newest first.
type ConversationPage struct {
	Items      []Conversation `json:"items" nullable:"false"`
	NextCursor string         `json:"nextCursor,omitempty" doc:"Absent on the last page."`
}

// ConversationPatch changes the fields it names.
type ConversationPatch struct {
	Status       *string             `json:"status,omitempty" enum:"active,archived,closed,spam"`
	IsUnread     *bool               `json:"isUnread,omitempty"`
	IsStarred    *bool               `json:"isStarred,omitempty"`
	AssignedTo   Nullable[string]    `json:"assignedTo,omitzero" maxLength:"64" doc:"Id of a user; null takes the assignment away."`
	Labels       *[]string           `json:"labels,omitempty" nullable:"false" maxItems:"50" uniqueItems:"true"`
	Tags         *[]string           `json:"tags,omitempty" nullable:"false" maxItems:"50" uniqueItems:"true"`
	SnoozedUntil Nullable[time.Time] `json:"snoozedUntil,omitzero" doc:"null wakes the conversation."`
}

type listConversationsInput struct {
	Channel    string         `query:"channel" enum:"email,sms,call,whatsapp,social,live_chat"`
	Status     string         `query:"status" enum:"active,archived,closed,spam"`
	Unread     Optional[bool] `query:"unread"`
	Starred    Optional[bool] `query:"starred"`
	AssignedTo string         `query:"assignedTo" maxLength:"64" doc:"Id of a user."`
	Label      string         `query:"label" maxLength:"64"`
	Q          string         `query:"q" maxLength:"200" doc:"Free text over contact, subject and messages."`
	Limit      int            `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor     string         `query:"cursor" maxLength:"512"`
}

type listConversationsOutput struct{ Body ConversationPage }

type conversationInput struct {
	ID string `path:"id"`
}

type conversationOutput struct{ Body Conversation }

type updateConversationInput struct {
	Idempotent
	ID   string `path:"id"`
	Body ConversationPatch
}

type updateConversationOutput struct {
	Replayable
	Body Conversation
}

func (a *API) registerConversations() {
	huma.Register(a.huma, protected("list-conversations", http.MethodGet, "/api/conversations", tagConversations, "List conversations"),
		a.listConversations)
	huma.Register(a.huma, protected("get-conversation", http.MethodGet, "/api/conversations/{id}", tagConversations, "Get a conversation"),
		a.getConversation)
	huma.Register(a.huma, protected("update-conversation", http.MethodPatch, "/api/conversations/{id}", tagConversations, "Change a conversation"),
		a.updateConversation)
	huma.Register(a.huma, protected("list-messages", http.MethodGet, "/api/conversations/{id}/messages", tagConversations, "List a conversation's messages"),
		a.listMessages)
}

func (a *API) listConversations(context.Context, *listConversationsInput) (*listConversationsOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) getConversation(context.Context, *conversationInput) (*conversationOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) updateConversation(context.Context, *updateConversationInput) (*updateConversationOutput, error) {
	return nil, errors.ErrUnsupported
}
