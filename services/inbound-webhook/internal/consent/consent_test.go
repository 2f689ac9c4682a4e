package consent_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/consent"
)

const customer = "+14155550123"

func stateOf(t *testing.T, connected *bus.Bus, ws workspace.ID, address string) string {
	t.Helper()
	bucket, err := connected.Bucket(t.Context(), event.BucketConsent)
	require.NoError(t, err)
	entry, err := bucket.Get(t.Context(), event.ConsentKey(ws, channel.SMS, address))
	if err != nil {
		require.ErrorIs(t, err, bus.ErrKeyNotFound)
		return ""
	}
	known := &eventv1.Consent{}
	require.NoError(t, proto.Unmarshal(entry.Value, known))
	return known.GetState()
}

func TestHear_ends_the_same_in_whatever_order_words_come(t *testing.T) {
	t.Parallel()
	connected, start := bustest.New(t), time.Now()
	book, err := consent.Open(t.Context(), connected)
	require.NoError(t, err)
	words := []channel.Keyword{channel.StopKeyword, channel.StartKeyword, channel.StopKeyword}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {0, 2, 1}, {2, 0, 1}, {1, 0, 2}} {
		ws := workspace.NewID()
		var hearing sync.WaitGroup
		for _, at := range order {
			said := consent.Said{
				Workspace: ws, MessageID: uuid.NewString(), Kind: channel.SMS, Addresses: []string{customer, "US.1"},
				Keyword: words[at], At: start.Add(time.Duration(at) * time.Minute),
			}
			for range 3 { // and each of them several times at once
				hearing.Go(func() {
					_, err := book.Hear(t.Context(), said)
					if err != nil {
						t.Errorf("hearing: %v", err)
					}
				})
			}
		}
		hearing.Wait()
		require.Equal(t, channel.OptedOutState, stateOf(t, connected, ws, customer), order)
		require.Equal(t, channel.OptedOutState, stateOf(t, connected, ws, "US.1"), "all addresses of a customer want the same")
		require.Empty(t, stateOf(t, connected, workspace.NewID(), customer))
	}
}

func TestHear_the_same_message_again_is_the_same_word_at_the_same_time(t *testing.T) {
	t.Parallel()
	connected := bustest.New(t)
	book, err := consent.Open(t.Context(), connected)
	require.NoError(t, err)
	said := consent.Said{
		Workspace: workspace.NewID(), MessageID: uuid.NewString(), Kind: channel.SMS, Addresses: []string{customer},
		Keyword: channel.StopKeyword, At: time.Now().UTC(),
	}
	known, err := book.Knows(t.Context(), said)
	require.NoError(t, err)
	require.False(t, known)
	first, err := book.Hear(t.Context(), said)
	require.NoError(t, err)
	require.True(t, first.Changed)
	known, err = book.Knows(t.Context(), said)
	require.NoError(t, err)
	require.True(t, known)
	said.At = said.At.Add(time.Hour)
	again, err := book.Hear(t.Context(), said)
	require.NoError(t, err)
	require.Equal(t, first, again, "so that what was not done before a crash is done")
}

func TestHear_of_one_message_many_times_at_once_decides_alike(t *testing.T) {
	t.Parallel()
	connected := bustest.New(t)
	book, err := consent.Open(t.Context(), connected)
	require.NoError(t, err)
	said := consent.Said{
		Workspace: workspace.NewID(), MessageID: uuid.NewString(), Kind: channel.SMS, Addresses: []string{customer},
		Keyword: channel.StartKeyword, At: time.Now(),
	}
	heard, err := book.Hear(t.Context(), said)
	require.NoError(t, err)
	require.False(t, heard.Changed, "of whom nothing is known may be written to")
	var changed atomic.Int32
	var hearing sync.WaitGroup
	said.MessageID, said.Keyword, said.At = uuid.NewString(), channel.StopKeyword, said.At.Add(time.Second)
	for range 20 {
		hearing.Go(func() {
			if heard, err := book.Hear(t.Context(), said); err == nil && heard.Changed {
				changed.Add(1)
			}
		})
	}
	hearing.Wait()
	require.Equal(t, int32(20), changed.Load(), "and the answer has one id")
}

func TestAnswer_is_one_segment_that_names_the_workspace(t *testing.T) {
	t.Parallel()
	for _, keyword := range []channel.Keyword{channel.StopKeyword, channel.StartKeyword, channel.HelpKeyword} {
		text := consent.Answer(keyword, "Acme Support")
		require.True(t, strings.HasPrefix(text, "Acme Support: "))
		_, segments := channel.Segments(text)
		require.Equal(t, 1, segments, text)
		require.Equal(t, channel.NoKeyword, channel.ParseKeyword(text), "it cannot be taken for one")
		require.LessOrEqual(t, len(consent.Answer(keyword, strings.Repeat("x", 500))), 160)
	}
	require.Empty(t, consent.Answer(channel.NoKeyword, "Acme"))
}

func TestAnswerID_is_one_for_each_message(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, message := range []string{"0197a000-0000-7000-8000-000000000001", "0197a000-0000-7000-8000-000000000002", "no id"} {
		for range 2 {
			id := consent.AnswerID(message)
			_, err := uuid.Parse(id)
			require.NoError(t, err)
			ids[id] = true
		}
	}
	require.Len(t, ids, 3)
}

func TestHear_of_several_that_ask_for_the_same_at_once_one_changes_something(t *testing.T) {
	t.Parallel()
	connected, ws, start := bustest.New(t), workspace.NewID(), time.Now()
	book, err := consent.Open(t.Context(), connected)
	require.NoError(t, err)
	var hearing sync.WaitGroup
	var changed atomic.Int32
	for at := range 8 {
		hearing.Go(func() {
			heard, err := book.Hear(t.Context(), consent.Said{
				Workspace: ws, MessageID: uuid.NewString(), Kind: channel.SMS, Addresses: []string{customer},
				Keyword: channel.StopKeyword, At: start.Add(time.Duration(at) * time.Millisecond),
			})
			if err != nil {
				t.Errorf("hearing: %v", err)
			}
			if heard.Changed {
				changed.Add(1)
			}
		})
	}
	hearing.Wait()
	require.Equal(t, int32(1), changed.Load())
}
