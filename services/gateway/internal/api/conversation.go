package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/pkg/event"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// maxWord is the longest label or tag, in characters.
const maxWord = 64

// ConversationPage is one page, newest first.
type ConversationPage struct {
	Items      []Conversation `json:"items" nullable:"false"`
	NextCursor string         `json:"nextCursor,omitempty" doc:"Absent on the last page."`

	// written is the page as JSON, in a buffer of buffers; nil when it has not been written.
	written *[]byte
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
	Limit      int32          `query:"limit" minimum:"1" maximum:"100" default:"50"`
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
	register(a, protected("list-conversations", http.MethodGet, "/api/conversations", tagConversations, "List conversations"),
		a.listConversations)
	register(a, protected("get-conversation", http.MethodGet, "/api/conversations/{id}", tagConversations, "Get a conversation"),
		a.getConversation)
	registerOnce(a, protected("update-conversation", http.MethodPatch, "/api/conversations/{id}", tagConversations, "Change a conversation"),
		a.updateConversation)
	register(a, protected("list-messages", http.MethodGet, "/api/conversations/{id}/messages", tagConversations, "List a conversation's messages"),
		a.listMessages)
}

func (a *API) listConversations(ctx context.Context, input *listConversationsInput) (*listConversationsOutput, error) {
	request := &storev1.ListConversationsRequest{
		Channel: input.Channel, Status: input.Status, Unread: input.Unread.Pointer(), Starred: input.Starred.Pointer(),
		AssignedTo: input.AssignedTo, Label: input.Label, Q: input.Q, Limit: input.Limit, Cursor: input.Cursor,
	}
	answer, err := a.deps.Bus.AskRaw(ctx, event.AskSubject(principalOf(ctx).Workspace, "conversation", "list"), request)
	if err != nil {
		return nil, refusedList(unanswered(err))
	}
	page, err := a.buffers.writePage(answer)
	if err != nil {
		return nil, err
	}
	return &listConversationsOutput{Body: page}, nil
}

func (a *API) getConversation(ctx context.Context, input *conversationInput) (*conversationOutput, error) {
	if !isID(input.ID) {
		return nil, notFound()
	}
	request, response := &storev1.GetConversationRequest{Id: input.ID}, &storev1.GetConversationResponse{}
	if err := a.ask(ctx, principalOf(ctx).Workspace, "conversation", "get", request, response); err != nil {
		return nil, err
	}
	return &conversationOutput{Body: toConversation(response.GetConversation())}, nil
}

// updateConversation sets fields to given values: the second time changes nothing.
func (a *API) updateConversation(ctx context.Context, input *updateConversationInput) (*updateConversationOutput, error) {
	if !isID(input.ID) {
		return nil, notFound()
	}
	if err := validatePatch(input.Body); err != nil {
		return nil, err
	}
	response := &storev1.UpdateConversationResponse{}
	request := updateRequest(input.ID, input.Body)
	if err := a.ask(ctx, principalOf(ctx).Workspace, "conversation", "update", request, response); err != nil {
		return nil, err
	}
	return &updateConversationOutput{Body: toConversation(response.GetConversation())}, nil
}

func validatePatch(patch ConversationPatch) error {
	if err := validateWords("labels", patch.Labels); err != nil {
		return err
	}
	return validateWords("tags", patch.Tags)
}

// validateWords checks labels or tags.
func validateWords(field string, words *[]string) error {
	if words == nil {
		return nil
	}
	for i, word := range *words {
		if strings.TrimSpace(word) == "" || utf8.RuneCountInString(word) > maxWord {
			return invalid(field+"["+strconv.Itoa(i)+"]", "must have 1 to "+strconv.Itoa(maxWord)+" characters")
		}
	}
	return nil
}
