package inbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/inbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

type bundle struct {
	*storetest.Store
	inbox *inbox.Inbox
}

func setup(tb testing.TB) bundle {
	tb.Helper()
	store := storetest.New(tb)
	opened, err := inbox.New(store.DB, store.Relay, store.Logger, nil)
	require.NoError(tb, err)
	return bundle{store, opened}
}

// list reads every page and returns the ids in order.
func (b bundle) list(t *testing.T, ws workspace.ID, request *storev1.ListConversationsRequest) []string {
	t.Helper()
	var ids []string
	for range 1000 {
		page, err := b.inbox.ListConversations(t.Context(), ws, request)
		require.NoError(t, err)
		for _, conversation := range page.GetItems() {
			require.Equal(t, ws.String(), conversation.GetWorkspaceId())
			ids = append(ids, conversation.GetId())
		}
		if request.Cursor = page.GetNextCursor(); request.GetCursor() == "" {
			return ids
		}
	}
	t.Fatal("the list has no end")
	return nil
}

func ids(conversations ...storetest.Conversation) []string {
	found := []string{}
	for _, conversation := range conversations {
		found = append(found, conversation.ID.String())
	}
	return found
}

func TestListConversations(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, foreign := b.NewWorkspace(t), b.NewWorkspace(t)
	start := time.Now().UTC().Truncate(time.Microsecond)
	at := func(minutes int) time.Time { return start.Add(-time.Duration(minutes) * time.Minute) }
	yes, no := true, false

	all := ws.Add(
		t,
		storetest.Conversation{At: at(0), Unread: true, Name: "Ada Lovelace", Body: "where is my parcel"},
		storetest.Conversation{At: at(1), Channel: "email", Peer: "ann.lee@shop.example", Subject: "Invoice of March", Labels: []string{"billing", "vip"}},
		storetest.Conversation{At: at(2), Starred: true, Status: "closed", Labels: []string{"billing"}},
		storetest.Conversation{At: at(3), AssignedTo: &ws.User, Peer: "+14155550123", Body: "parcel has come"},
		storetest.Conversation{At: at(4), Status: "spam", Unread: true, Body: "parcels parcels"},
	)
	theirs := foreign.Add(t, storetest.Conversation{At: at(0), Body: "parcel", Labels: []string{"billing"}, Unread: true})

	for name, test := range map[string]struct {
		request *storev1.ListConversationsRequest
		want    []storetest.Conversation
	}{
		"everything, newest first":       {&storev1.ListConversationsRequest{}, all},
		"by channel":                     {&storev1.ListConversationsRequest{Channel: "email"}, all[1:2]},
		"by status":                      {&storev1.ListConversationsRequest{Status: "closed"}, all[2:3]},
		"unread":                         {&storev1.ListConversationsRequest{Unread: &yes}, []storetest.Conversation{all[0], all[4]}},
		"read":                           {&storev1.ListConversationsRequest{Unread: &no}, all[1:4]},
		"starred":                        {&storev1.ListConversationsRequest{Starred: &yes}, all[2:3]},
		"not starred":                    {&storev1.ListConversationsRequest{Starred: &no}, slices.Delete(slices.Clone(all), 2, 3)},
		"by assignee":                    {&storev1.ListConversationsRequest{AssignedTo: ws.User.String()}, all[3:4]},
		"by a stranger as assignee":      {&storev1.ListConversationsRequest{AssignedTo: foreign.User.String()}, nil},
		"by label":                       {&storev1.ListConversationsRequest{Label: "billing"}, all[1:3]},
		"by label and channel":           {&storev1.ListConversationsRequest{Label: "billing", Channel: "sms"}, all[2:3]},
		"by a label nobody set":          {&storev1.ListConversationsRequest{Label: "bill"}, nil},
		"by a word of a message":         {&storev1.ListConversationsRequest{Q: "parcel has"}, all[3:4]},
		"by the beginning of a word":     {&storev1.ListConversationsRequest{Q: "parce"}, []storetest.Conversation{all[0], all[3], all[4]}},
		"by word, status and unread":     {&storev1.ListConversationsRequest{Q: "parcel", Status: "active", Unread: &yes}, all[:1]},
		"by word and label":              {&storev1.ListConversationsRequest{Q: "invoice", Label: "vip"}, all[1:2]},
		"by the contact's name":          {&storev1.ListConversationsRequest{Q: "lovelace"}, all[:1]},
		"by the subject":                 {&storev1.ListConversationsRequest{Q: "invoice march"}, all[1:2]},
		"by the address":                 {&storev1.ListConversationsRequest{Q: "+1415555"}, all[3:4]},
		"by an address half typed":       {&storev1.ListConversationsRequest{Q: "ann.lee@sho"}, all[1:2]},
		"by the domain of an address":    {&storev1.ListConversationsRequest{Q: "shop.example"}, all[1:2]},
		"by a number without its plus":   {&storev1.ListConversationsRequest{Q: "1415555"}, all[3:4]},
		"by a number with gaps":          {&storev1.ListConversationsRequest{Q: "+1 (415) 555-0123"}, all[3:4]},
		"without a word":                 {&storev1.ListConversationsRequest{Q: "parcel -come"}, all[:1]},
		"by either of two words":         {&storev1.ListConversationsRequest{Q: "invoice or lovelace"}, all[:2]},
		"by signs that are no word":      {&storev1.ListConversationsRequest{Q: "!?"}, nil},
		"by what would end a quotation":  {&storev1.ListConversationsRequest{Q: `' "parcel has" ) \ :*`}, all[3:4]},
		"by several filters at once":     {&storev1.ListConversationsRequest{Channel: "sms", Status: "spam", Unread: &yes}, all[4:]},
		"by another workspace's address": {&storev1.ListConversationsRequest{Q: theirs[0].Peer}, nil},
	} {
		for _, limit := range []int32{0, 1, 2} {
			t.Run(fmt.Sprintf("lists %s in pages of %d", name, limit), func(t *testing.T) {
				t.Parallel()
				request := &storev1.ListConversationsRequest{
					Channel: test.request.GetChannel(), Status: test.request.GetStatus(),
					Unread: test.request.Unread, Starred: test.request.Starred,
					AssignedTo: test.request.GetAssignedTo(), Label: test.request.GetLabel(), Q: test.request.GetQ(), Limit: limit,
				}
				require.ElementsMatch(t, ids(test.want...), b.list(t, ws.ID, request))
				require.Equal(t, ids(test.want...), append([]string{}, b.list(t, ws.ID, request)...))
			})
		}
	}

	t.Run("gives the rows of a conversation", func(t *testing.T) {
		t.Parallel()
		got, err := b.inbox.GetConversation(t.Context(), ws.ID, &storev1.GetConversationRequest{Id: all[1].ID.String()})
		require.NoError(t, err)
		c := got.GetConversation()
		require.Equal(t, "email", c.GetChannel())
		require.Equal(t, "Invoice of March", c.GetSubject())
		require.Equal(t, []string{"billing", "vip"}, c.GetLabels())
		require.Equal(t, all[1].Peer, c.GetContact().GetAddress())
		require.True(t, all[1].At.Equal(c.GetLastMessageAt().AsTime()))
		require.Equal(t, "inbound", c.GetLastDirection())
	})

	for field, request := range map[string]*storev1.ListConversationsRequest{
		"channel":    {Channel: "pigeon"},
		"status":     {Status: "open"},
		"assignedTo": {AssignedTo: "me"},
		"label":      {Label: strings.Repeat("l", 65)},
		"q":          {Q: strings.Repeat("q", 201)},
		"limit":      {Limit: 101},
		"cursor":     {Cursor: "AAAA"},
	} {
		t.Run("names the field at fault: "+field, func(t *testing.T) {
			t.Parallel()
			_, err := b.inbox.ListConversations(t.Context(), ws.ID, request)
			storetest.RequireRefusal(t, err, bus.CodeInvalid, field)
		})
	}
}

func TestPagesWhileMessagesArrive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	start := time.Now().UTC().Truncate(time.Microsecond)
	var old []storetest.Conversation
	for i := range 30 { // several of one instant, so that only the id tells them apart
		old = append(old, storetest.Conversation{At: start.Add(-time.Duration(i/4) * time.Second)})
	}
	old = ws.Add(t, old...)

	seen := map[string]int{}
	request := &storev1.ListConversationsRequest{Limit: 4}
	for {
		page, err := b.inbox.ListConversations(t.Context(), ws.ID, request)
		require.NoError(t, err)
		for _, conversation := range page.GetItems() {
			seen[conversation.GetId()]++
		}
		ws.Add(t, storetest.Conversation{At: time.Now()})
		listed := page.GetItems()[0].GetId() // the customer writes again
		b.Exec(t, "UPDATE conversations SET last_message_at = now() WHERE id = $1", uuid.MustParse(listed))
		if request.Cursor = page.GetNextCursor(); request.GetCursor() == "" {
			break
		}
	}
	for _, id := range ids(old...) {
		require.Equal(t, 1, seen[id])
	}
	require.Len(t, seen, len(old))
}

func TestAnotherWorkspacesIDsAreUnknown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, foreign := b.NewWorkspace(t), b.NewWorkspace(t)
	theirs := foreign.Add(t, storetest.Conversation{})[0]
	mine := ws.Add(t, storetest.Conversation{})[0]
	starred := true

	asks := map[string]func(conversation, message string) error{
		"conversation.get": func(conversation, _ string) error {
			_, err := b.inbox.GetConversation(t.Context(), ws.ID, &storev1.GetConversationRequest{Id: conversation})
			return err
		},
		"conversation.update": func(conversation, _ string) error {
			_, err := b.inbox.UpdateConversation(t.Context(), ws.ID,
				&storev1.UpdateConversationRequest{Id: conversation, IsStarred: &starred})
			return err
		},
		"conversation.prepare-reply": func(conversation, _ string) error {
			_, err := b.inbox.PrepareReply(t.Context(), ws.ID, &storev1.PrepareReplyRequest{ConversationId: conversation})
			return err
		},
		"message.list": func(conversation, _ string) error {
			_, err := b.inbox.ListMessages(t.Context(), ws.ID, &storev1.ListMessagesRequest{ConversationId: conversation})
			return err
		},
		"message.get": func(_, message string) error {
			_, err := b.inbox.GetMessage(t.Context(), ws.ID, &storev1.GetMessageRequest{Id: message})
			return err
		},
		"message.journey": func(_, message string) error {
			_, err := b.inbox.GetJourney(t.Context(), ws.ID, &storev1.GetJourneyRequest{MessageId: message})
			return err
		},
		"message.prepare-retry": func(_, message string) error {
			_, err := b.inbox.PrepareRetry(t.Context(), ws.ID, &storev1.PrepareRetryRequest{MessageId: message})
			return err
		},
	}
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unknown := ask(uuid.NewString(), uuid.NewString())
			storetest.RequireRefusal(t, unknown, bus.CodeNotFound, "")
			require.Equal(t, unknown, ask(theirs.ID.String(), theirs.Message.String()))
			for _, malformed := range []string{"", "1", "' OR true", strings.ToUpper(theirs.ID.String()), "urn:uuid:" + mine.ID.String()} {
				require.Equal(t, unknown, ask(malformed, malformed))
			}
			err := ask(mine.ID.String(), mine.Message.String())
			if name == "message.prepare-retry" {
				storetest.RequireRefusal(t, err, bus.CodeConflict, "")
				return
			}
			require.NoError(t, err)
			require.False(t, storetest.Value[bool](t, b.Store, "SELECT is_starred FROM conversations WHERE id = $1", theirs.ID))
		})
	}
}

func BenchmarkListConversations(b *testing.B) {
	store := setup(b)
	ws := store.NewWorkspace(b)
	start := time.Now()
	const conversations, chunk = 20_000, 2_000
	for from := 0; from < conversations; from += chunk {
		rows := make([]storetest.Conversation, chunk)
		for i := range rows {
			rows[i].At = start.Add(-time.Duration(from+i) * time.Second)
			rows[i].Unread = i%10 == 0
			rows[i].Body = fmt.Sprintf("message number %d about a parcel", from+i)
			if i%100 == 0 {
				rows[i].Labels = []string{"rare"}
			}
		}
		ws.Add(b, rows...)
	}
	store.Exec(b, "ANALYZE")
	yes := true
	deep := ""
	for range 100 {
		response, err := store.inbox.ListConversations(b.Context(), ws.ID, &storev1.ListConversationsRequest{Limit: 100, Cursor: deep})
		require.NoError(b, err)
		deep = response.GetNextCursor()
	}
	for name, request := range map[string]*storev1.ListConversationsRequest{
		"first page":  {},
		"deep page":   {Cursor: deep},
		"unread":      {Unread: &yes},
		"rare label":  {Label: "rare"},
		"rare word":   {Q: "19999"},
		"common word": {Q: "parcel"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var page []byte
			for b.Loop() {
				var err error
				page, err = store.inbox.EncodeConversations(b.Context(), ws.ID, request)
				require.NoError(b, err)
			}
			require.NotEmpty(b, page)
		})
	}
}
