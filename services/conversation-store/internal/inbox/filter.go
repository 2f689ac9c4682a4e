package inbox

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/page"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

const (
	maxQuery = 200
	maxLabel = 64
)

// filter is what a page of conversations is asked for, checked. A nil field does not filter.
type filter struct {
	channel, status *string
	unread, starred *bool
	assignedTo      *uuid.UUID
	label, text     *string
	limit           int
	after           *page.Position
}

func newFilter(request *storev1.ListConversationsRequest) (filter, error) {
	var f filter
	if kind := request.GetChannel(); kind != "" {
		if _, err := channel.ParseKind(kind); err != nil {
			return f, refuse.Invalid("channel", "Must be one of "+kindNames()+".")
		}
		f.channel = &kind
	}
	if status := request.GetStatus(); status != "" {
		if !slices.Contains(statuses(), status) {
			return f, refuse.Invalid("status", "Must be one of "+strings.Join(statuses(), ", ")+".")
		}
		f.status = &status
	}
	f.unread, f.starred = request.Unread, request.Starred
	if user := request.GetAssignedTo(); user != "" {
		id, ok := parseID(user)
		if !ok {
			return f, refuse.Invalid("assignedTo", "Must be the id of a member of the workspace.")
		}
		f.assignedTo = &id
	}
	if err := f.setText(request); err != nil {
		return f, err
	}
	var err error
	f.limit, f.after, err = page.Of(conversationsScope, request.GetLimit(), request.GetCursor())
	return f, err
}

func (f *filter) setText(request *storev1.ListConversationsRequest) error {
	if label := strings.TrimSpace(request.GetLabel()); label != "" {
		if !fits(label, maxLabel) {
			return refuse.Invalid("label", "Must have at most 64 characters and no control characters.")
		}
		f.label = &label
	}
	if text := strings.TrimSpace(request.GetQ()); text != "" {
		if !fits(text, maxQuery) {
			return refuse.Invalid("q", "Must have at most 200 characters and no control characters.")
		}
		f.text = &text
	}
	return nil
}

// statuses lists what a conversation can be.
func statuses() []string { return []string{"active", "archived", "closed", "spam"} }

func kindNames() string {
	names := make([]string, 0, len(channel.Kinds()))
	for _, kind := range channel.Kinds() {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}

// parseID accepts the canonical text of a UUID and nothing else.
func parseID(text string) (uuid.UUID, bool) {
	id, err := uuid.Parse(text)
	return id, err == nil && id.String() == text
}

func fits(text string, limit int) bool {
	return utf8.RuneCountInString(text) <= limit && !strings.ContainsFunc(text, unicode.IsControl)
}
