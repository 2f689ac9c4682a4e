package inbox

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// maxWords bounds labels and tags: what a list row can show, and what a row of the table should carry.
const maxWords = 50

// change is what is asked of a conversation, checked. A nil field stays as it is.
type change struct {
	status          *string
	unread, starred *bool
	assignedTo      *uuid.UUID // the zero id takes the assignment away
	labels, tags    *[]string
	snoozedUntil    *time.Time // the zero time wakes the conversation
}

func newChange(request *storev1.UpdateConversationRequest, now time.Time) (change, error) {
	var c change
	if request.Status != nil {
		status := request.GetStatus()
		if !slices.Contains(statuses(), status) {
			return c, refuse.Invalid("status", "Must be one of "+strings.Join(statuses(), ", ")+".")
		}
		c.status = &status
	}
	c.unread, c.starred = request.IsUnread, request.IsStarred
	if request.AssignedTo != nil {
		user, err := assignee(request.GetAssignedTo())
		if err != nil {
			return c, err
		}
		c.assignedTo = &user
	}
	var err error
	if c.labels, err = words("labels", request.GetLabels()); err != nil {
		return c, err
	}
	if c.tags, err = words("tags", request.GetTags()); err != nil {
		return c, err
	}
	c.snoozedUntil, err = snooze(request, now)
	return c, err
}

func assignee(text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	id, ok := parseID(text)
	if !ok || id == uuid.Nil {
		return uuid.Nil, errAssignee()
	}
	return id, nil
}

func errAssignee() error {
	return refuse.Invalid("assignedTo", "Must be the id of a member of the workspace.")
}

// words checks labels or tags: trimmed, each once, in the order given.
func words(field string, list *storev1.StringList) (*[]string, error) {
	if list == nil {
		return nil, nil //nolint:nilnil // nil says that the field stays
	}
	kept := make([]string, 0, len(list.GetValues()))
	for _, value := range list.GetValues() {
		word := strings.TrimSpace(value)
		if word == "" || !fits(word, maxLabel) {
			return nil, refuse.Invalid(field, "Each must have 1 to 64 characters and no control characters.")
		}
		if !slices.Contains(kept, word) {
			kept = append(kept, word)
		}
		if len(kept) > maxWords {
			return nil, refuse.Invalid(field, "Must be at most 50.")
		}
	}
	return &kept, nil
}

func snooze(request *storev1.UpdateConversationRequest, now time.Time) (*time.Time, error) {
	until := request.GetSnoozedUntil()
	switch {
	case until == nil && !request.GetClearSnoozedUntil():
		return nil, nil //nolint:nilnil // nil says that the field stays
	case until == nil:
		return &time.Time{}, nil
	case request.GetClearSnoozedUntil():
		return nil, refuse.Invalid("snoozedUntil", "Must be either set or cleared.")
	}
	at := until.AsTime().Truncate(time.Microsecond)
	if !until.IsValid() || !at.After(now) || at.Year() > 9999 {
		return nil, refuse.Invalid("snoozedUntil", "Must be a time in the future.")
	}
	return &at, nil
}
