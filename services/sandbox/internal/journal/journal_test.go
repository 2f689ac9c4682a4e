package journal_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/journal"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

func TestPagesFollowOneAnotherWithoutAGap(t *testing.T) {
	t.Parallel()
	kept := journal.New(100)
	for range 7 {
		kept.Message(world.Message{Body: "hello"})
	}
	var seen []uint64
	after := uint64(0)
	for range 4 {
		page, first, last := kept.Page(after, 3)
		require.EqualValues(t, 1, first)
		require.EqualValues(t, 7, last)
		for _, entry := range page {
			seen = append(seen, entry.Seq)
			after = entry.Seq
		}
	}
	require.Equal(t, []uint64{1, 2, 3, 4, 5, 6, 7}, seen)
	page, _, _ := kept.Page(1_000, 3)
	require.Empty(t, page)
}

func TestTheOldestLeavePastTheCapacityAndItIsTold(t *testing.T) {
	t.Parallel()
	kept := journal.New(3)
	for range 5 {
		kept.Message(world.Message{})
	}
	page, first, last := kept.Page(0, 10)
	require.Len(t, page, 3)
	require.EqualValues(t, 3, first)
	require.EqualValues(t, 3, page[0].Seq)
	require.EqualValues(t, 5, last)
	kept.Clear()
	page, first, last = kept.Page(0, 10)
	require.Empty(t, page)
	require.EqualValues(t, 6, first)
	require.EqualValues(t, 5, last)
}

func TestEntriesSayWhatHappened(t *testing.T) {
	t.Parallel()
	kept := journal.New(10)
	kept.Message(world.Message{ExternalID: "x-1", Body: strings.Repeat("a", 1000), Files: []world.File{{Filename: "a.txt", Content: []byte("abc")}}})
	kept.Message(world.Message{ExternalID: "x-2", Written: true})
	kept.Request(provider.Entry{MessageID: "x-1", Method: "POST", Path: "/emails", Outcome: "accepted", Status: 200})
	kept.Callback(callback.Attempt{About: "x-2", Name: "inbound", Number: 2, Status: 503, Err: errors.New("no")})
	page, _, _ := kept.Page(0, 10)
	require.Equal(t, journal.Received, page[0].Kind)
	require.Len(t, page[0].Text, 256)
	require.Equal(t, []journal.File{{
		Filename: "a.txt", Size: 3, Sum: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	}}, page[0].Files)
	require.Equal(t, journal.Written, page[1].Kind)
	require.Equal(t, "POST /emails", page[2].Name)
	require.Equal(t, "accepted", page[2].Outcome)
	require.Equal(t, 2, page[3].Attempt)
	require.Equal(t, 503, page[3].Status)
	require.Equal(t, "no", page[3].Detail)
}
