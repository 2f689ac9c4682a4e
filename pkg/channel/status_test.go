package channel_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// statuses is every state a receipt can report, and two words that are none.
func statuses() []channel.Status {
	return []channel.Status{
		channel.Scheduled, channel.Queued, channel.Sending, channel.Unknown, channel.Sent, channel.Undelivered,
		channel.Failed, channel.Delivered, channel.Opened, channel.Read, channel.Clicked, channel.Bounced,
		channel.Complained, channel.Blocked, channel.Canceled, channel.Expired, "", "teleported",
	}
}

// generator makes a reproducible source of random numbers.
func generator(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 1))
}

func final(events []channel.Status) int {
	status := channel.Queued
	for _, event := range events {
		status = status.Advance(event)
	}
	rank, _ := status.Rank()
	return rank
}

func TestAdvance(t *testing.T) {
	t.Parallel()

	t.Run("never moves backwards", func(t *testing.T) {
		t.Parallel()
		for _, from := range statuses() {
			for _, news := range statuses() {
				before, _ := from.Rank()
				after, _ := from.Advance(news).Rank()
				require.GreaterOrEqual(t, after, before, "%s after the news %s", from, news)
			}
		}
	})

	t.Run("any order and any repetition of receipts ends in one rank", func(t *testing.T) {
		t.Parallel()
		random, all := generator(1), statuses()
		for range 2000 {
			events := make([]channel.Status, 1+random.IntN(8))
			for i := range events {
				events[i] = all[random.IntN(len(all))]
			}
			want := final(events)
			shuffled := slices.Concat(events, events[:random.IntN(len(events)+1)])
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			require.Equal(t, want, final(shuffled), "%v", shuffled)
		}
	})

	t.Run("every permutation of a life ends the same", func(t *testing.T) {
		t.Parallel()
		life := []channel.Status{channel.Queued, channel.Sending, channel.Sent, channel.Undelivered, channel.Delivered, channel.Read}
		permute(life, func(events []channel.Status) {
			status := channel.Scheduled
			for _, event := range events {
				status = status.Advance(event)
			}
			require.Equal(t, channel.Read, status, "%v", events)
		})
	})

	t.Run("the first of equal rank stays, and delivered corrects it", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, channel.Failed, channel.Failed.Advance(channel.Undelivered))
		require.Equal(t, channel.Undelivered, channel.Undelivered.Advance(channel.Failed))
		require.Equal(t, channel.Delivered, channel.Failed.Advance(channel.Delivered))
		require.Equal(t, channel.Delivered, channel.Delivered.Advance(channel.Failed))
		require.Equal(t, channel.Bounced, channel.Delivered.Advance(channel.Bounced))
	})

	t.Run("a word that is no state changes nothing", func(t *testing.T) {
		t.Parallel()
		for _, from := range statuses() {
			require.Equal(t, from, from.Advance("teleported"))
			require.Equal(t, from, from.Advance(""))
		}
	})
}

func permute(events []channel.Status, visit func([]channel.Status)) {
	var step func(at int)
	step = func(at int) {
		if at == len(events) {
			visit(events)
			return
		}
		for i := at; i < len(events); i++ {
			events[at], events[i] = events[i], events[at]
			step(at + 1)
			events[at], events[i] = events[i], events[at]
		}
	}
	step(0)
}

func TestRank(t *testing.T) {
	t.Parallel()
	order := []channel.Status{
		channel.Scheduled, channel.Queued, channel.Sending, channel.Unknown, channel.Sent, channel.Failed,
		channel.Delivered, channel.Opened, channel.Read, channel.Clicked, channel.Bounced, channel.Complained,
	}
	last := 0
	for _, status := range order {
		rank, known := status.Rank()
		require.True(t, known)
		require.Greater(t, rank, last, status)
		require.Less(t, rank, 1000, "a retry counts thousands")
		last = rank
	}
}
