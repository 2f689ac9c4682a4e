package inbox_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

// library is conversations of which it is known what words they have: "always" in each, "older" in all but the newest
// part, "often" in one of ten, "once" in one, and "bought" in the names of some contacts.
func library(random *rand.Rand, user uuid.UUID, count int) []storetest.Conversation {
	start := time.Now().UTC().Truncate(time.Microsecond)
	talks := make([]storetest.Conversation, count)
	for i := range talks {
		words := []string{"always"}
		if i > count/4 {
			words = append(words, "older")
		}
		if random.IntN(10) == 0 {
			words = append(words, "often")
		}
		if i == count/2 {
			words = append(words, "once")
		}
		c := storetest.Conversation{
			Body: strings.Join(words, " "), Unread: random.IntN(2) == 0, Starred: random.IntN(20) == 0,
			Status: []string{"active", "closed"}[random.IntN(2)], Channel: []string{"sms", "email"}[random.IntN(2)],
			At: start.Add(-time.Duration(i/3) * time.Second), // several of one instant, so that only the id tells them apart
		}
		if random.IntN(15) == 0 {
			c.Name = "Bought Often"
		}
		if random.IntN(30) == 0 {
			c.Labels = []string{"vip"}
		}
		if random.IntN(3) == 0 {
			c.AssignedTo = &user
		}
		talks[i] = c
	}
	return talks
}

// expected are the ids of the conversations that the test holds for, in the order of the list.
func expected(talks []storetest.Conversation, holds func(c storetest.Conversation) bool) []string {
	kept := slices.DeleteFunc(slices.Clone(talks), func(c storetest.Conversation) bool { return !holds(c) })
	slices.SortFunc(kept, func(a, b storetest.Conversation) int {
		if order := b.At.Compare(a.At); order != 0 {
			return order
		}
		return strings.Compare(b.ID.String(), a.ID.String())
	})
	return ids(kept...)
}

func TestSearchMissesNothingAndRepeatsNothingHoweverFrequentTheWord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, foreign := b.NewWorkspace(t), b.NewWorkspace(t)
	const seed, many = 7, 9000 // more than what is fetched before the list is walked, and again
	random := rand.New(rand.NewPCG(seed, seed))
	talks := ws.Add(t, library(random, ws.User, many)...)
	foreign.Add(t, library(random, foreign.User, 200)...)
	// One conversation is longer than what is read before the index is asked, and has no word but in its oldest message.
	b.Exec(t, `INSERT INTO conversation_messages (workspace_id, id, conversation_id, channel, channel_account_id, direction, status,
			status_order, provider, from_address, to_address, body, created_at)
		SELECT m.workspace_id, gen_random_uuid(), m.conversation_id, m.channel, m.channel_account_id, 'inbound', 'received', 1100, 'one',
			'', '', 'nothing', m.created_at + n * interval '1 millisecond'
		FROM conversation_messages m, generate_series(1, 3000) AS n WHERE m.id = $1`, talks[many/3].Message)
	b.Exec(t, "ANALYZE")
	yes, no := true, false
	for name, filter := range map[string]struct {
		request *storev1.ListConversationsRequest
		holds   func(c storetest.Conversation) bool
	}{
		"no filter":  {&storev1.ListConversationsRequest{}, func(storetest.Conversation) bool { return true }},
		"unread":     {&storev1.ListConversationsRequest{Unread: &yes}, func(c storetest.Conversation) bool { return c.Unread }},
		"starred":    {&storev1.ListConversationsRequest{Starred: &yes}, func(c storetest.Conversation) bool { return c.Starred }},
		"read, mail": {&storev1.ListConversationsRequest{Unread: &no, Channel: "email"}, func(c storetest.Conversation) bool { return !c.Unread && c.Channel == "email" }},
		"closed":     {&storev1.ListConversationsRequest{Status: "closed"}, func(c storetest.Conversation) bool { return c.Status == "closed" }},
		"label":      {&storev1.ListConversationsRequest{Label: "vip"}, func(c storetest.Conversation) bool { return slices.Contains(c.Labels, "vip") }},
		"assigned":   {&storev1.ListConversationsRequest{AssignedTo: ws.User.String()}, func(c storetest.Conversation) bool { return c.AssignedTo != nil }},
		"not starred, assigned": {
			&storev1.ListConversationsRequest{Starred: &no, AssignedTo: ws.User.String()},
			func(c storetest.Conversation) bool { return !c.Starred && c.AssignedTo != nil },
		},
	} {
		for _, word := range []string{"always", "older", "often", "once", "bought", "never"} {
			t.Run(fmt.Sprintf("%s, %s", word, name), func(t *testing.T) {
				t.Parallel()
				want := expected(talks, func(c storetest.Conversation) bool {
					return filter.holds(c) && strings.Contains(strings.ToLower(c.Name+" "+c.Body), word)
				})
				request := &storev1.ListConversationsRequest{
					Channel: filter.request.GetChannel(), Status: filter.request.GetStatus(),
					Unread: filter.request.Unread, Starred: filter.request.Starred,
					AssignedTo: filter.request.GetAssignedTo(), Label: filter.request.GetLabel(), Q: word[:len(word)-1], Limit: 100,
				}
				require.Equal(t, want, append([]string{}, b.list(t, ws.ID, request)...))
			})
		}
	}
}

// blocksOf is how many blocks a search touches in the workspace, once it has been planned.
func (b bundle) blocksOf(t *testing.T, ws *storetest.Workspace, words string) int {
	t.Helper()
	var plans []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		} `json:"Plan"`
	}
	require.NoError(t, b.DB.InWorkspace(t.Context(), ws.ID, func(ctx context.Context, tx postgres.Tx) error {
		for range 2 {
			err := tx.QueryRow(ctx, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM search_conversations('"+words+"', 51)").Scan(&plans)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return plans[0].Plan.Hit + plans[0].Plan.Read
}

func TestASearchForAFrequentWordReadsNoMoreInALargerWorkspace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	small, large := b.NewWorkspace(t), b.NewWorkspace(t)
	const seed, few, many = 9, 500, 10_000
	random := rand.New(rand.NewPCG(seed, seed))
	small.Add(t, library(random, small.User, few)...)
	large.Add(t, library(random, large.User, many)...)
	b.Exec(t, "ANALYZE")
	of := b.blocksOf(t, small, "always")
	require.Less(t, b.blocksOf(t, large, "always"), 2*of)
	require.Less(t, of, 1500)
}
