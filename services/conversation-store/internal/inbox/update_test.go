package inbox_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

// facts reads CHANGE from its beginning.
func (b bundle) facts(t *testing.T) []*eventv1.Change {
	t.Helper()
	first, last, err := b.Bus.Bounds(t.Context(), event.StreamChange)
	require.NoError(t, err)
	var facts []*eventv1.Change
	for sequence := max(first, 1); sequence <= last; sequence++ {
		message, err := b.Bus.ReadAt(t.Context(), event.StreamChange, sequence)
		require.NoError(t, err)
		var fact eventv1.Change
		require.NoError(t, message.Decode(&fact))
		facts = append(facts, &fact)
	}
	return facts
}

func TestAChangeIsNewerThanWhatItChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	c := ws.Add(t, storetest.Conversation{})[0]
	// Another process wrote last, by a clock that is ahead or while this change waited for its turn.
	b.Exec(t, "UPDATE conversations SET updated_at = now() + interval '1 minute' WHERE id = $1", c.ID)
	before, err := b.inbox.GetConversation(t.Context(), ws.ID, &storev1.GetConversationRequest{Id: c.ID.String()})
	require.NoError(t, err)
	starred := true
	after, err := b.inbox.UpdateConversation(t.Context(), ws.ID, &storev1.UpdateConversationRequest{Id: c.ID.String(), IsStarred: &starred})
	require.NoError(t, err)
	require.True(t, after.GetConversation().GetUpdatedAt().AsTime().After(before.GetConversation().GetUpdatedAt().AsTime()))
}

func TestUpdateConversation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, foreign := b.NewWorkspace(t), b.NewWorkspace(t)
	conversation := ws.Add(t, storetest.Conversation{Unread: true, Labels: []string{"old"}})[0]
	update := func(request *storev1.UpdateConversationRequest) (*eventv1.Conversation, error) {
		request.Id = conversation.ID.String()
		response, err := b.inbox.UpdateConversation(t.Context(), ws.ID, request)
		return response.GetConversation(), err
	}
	yes, no, closed, user, nobody := true, false, "closed", ws.User.String(), ""
	tomorrow := timestamppb.New(time.Now().Add(24 * time.Hour).Truncate(time.Microsecond))
	everything := func() *storev1.UpdateConversationRequest {
		return &storev1.UpdateConversationRequest{
			Status: &closed, IsUnread: &no, IsStarred: &yes, AssignedTo: &user, SnoozedUntil: tomorrow,
			Labels: &storev1.StringList{Values: []string{" vip ", "billing", "vip"}}, Tags: &storev1.StringList{Values: []string{"März"}},
		}
	}

	changed, err := update(everything())
	require.NoError(t, err)
	require.Equal(t, "closed", changed.GetStatus())
	require.False(t, changed.GetIsUnread())
	require.True(t, changed.GetIsStarred())
	require.Equal(t, user, changed.GetAssignedTo())
	require.Equal(t, []string{"vip", "billing"}, changed.GetLabels())
	require.Equal(t, []string{"März"}, changed.GetTags())
	require.True(t, proto.Equal(tomorrow, changed.GetSnoozedUntil()))
	require.True(t, changed.GetUpdatedAt().AsTime().After(changed.GetCreatedAt().AsTime()))
	got, err := b.inbox.GetConversation(t.Context(), ws.ID, &storev1.GetConversationRequest{Id: conversation.ID.String()})
	require.NoError(t, err)
	require.True(t, proto.Equal(changed, got.GetConversation()), "the answer is what is stored")

	facts := b.facts(t)
	require.Len(t, facts, 1, "the fact is published when the answer is given")
	require.Equal(t, "conversation", facts[0].GetEntity())
	require.Equal(t, "updated", facts[0].GetVerb())
	require.True(t, proto.Equal(changed, facts[0].GetConversation()))

	again, err := update(everything())
	require.NoError(t, err)
	require.True(t, proto.Equal(changed, again))
	same, err := update(&storev1.UpdateConversationRequest{})
	require.NoError(t, err)
	require.True(t, proto.Equal(changed, same))
	require.Len(t, b.facts(t), 1, "nothing changed, so nobody is told")

	cleared, err := update(&storev1.UpdateConversationRequest{
		AssignedTo: &nobody, ClearSnoozedUntil: true, Labels: &storev1.StringList{},
	})
	require.NoError(t, err)
	require.Empty(t, cleared.GetAssignedTo())
	require.Nil(t, cleared.GetSnoozedUntil())
	require.Empty(t, cleared.GetLabels())
	require.Equal(t, []string{"März"}, cleared.GetTags(), "what is not named stays")
	require.Len(t, b.facts(t), 2)

	stranger, badID, badStatus := foreign.User.String(), "me", "open"
	many := &storev1.StringList{}
	for i := range 51 {
		many.Values = append(many.Values, strconv.Itoa(i))
	}
	for name, test := range map[string]struct {
		field   string
		request *storev1.UpdateConversationRequest
	}{
		"a status there is not":            {"status", &storev1.UpdateConversationRequest{Status: &badStatus}},
		"an empty status":                  {"status", &storev1.UpdateConversationRequest{Status: &nobody}},
		"an assignee of another workspace": {"assignedTo", &storev1.UpdateConversationRequest{AssignedTo: &stranger}},
		"an assignee that is no id":        {"assignedTo", &storev1.UpdateConversationRequest{AssignedTo: &badID}},
		"an empty label":                   {"labels", &storev1.UpdateConversationRequest{Labels: &storev1.StringList{Values: []string{" "}}}},
		"a long label":                     {"labels", &storev1.UpdateConversationRequest{Labels: &storev1.StringList{Values: []string{strings.Repeat("l", 65)}}}},
		"too many tags":                    {"tags", &storev1.UpdateConversationRequest{Tags: many}},
		"a snooze in the past":             {"snoozedUntil", &storev1.UpdateConversationRequest{SnoozedUntil: timestamppb.New(time.Now().Add(-time.Hour))}},
		"a snooze beyond the calendar":     {"snoozedUntil", &storev1.UpdateConversationRequest{SnoozedUntil: &timestamppb.Timestamp{Seconds: 1 << 60}}},
		"a snooze set and cleared":         {"snoozedUntil", &storev1.UpdateConversationRequest{SnoozedUntil: tomorrow, ClearSnoozedUntil: true}},
	} {
		test.request.IsStarred = &no
		_, err := update(test.request)
		storetest.RequireRefusal(t, err, bus.CodeInvalid, test.field)
		require.Len(t, b.facts(t), 2, name)
	}
	got, err = b.inbox.GetConversation(t.Context(), ws.ID, &storev1.GetConversationRequest{Id: conversation.ID.String()})
	require.NoError(t, err)
	require.True(t, proto.Equal(cleared, got.GetConversation()), "a refused change changes nothing")
}
