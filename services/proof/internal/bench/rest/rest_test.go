package rest_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/rest"
)

const stream = "WORK"

// begin makes a stream with messages and a consumer of each name.
func begin(t *testing.T, messages int, names ...string) (jetstream.JetStream, map[string]jetstream.Consumer) {
	t.Helper()
	js := bustest.New(t).JetStream()
	_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: stream, Subjects: []string{"work"}})
	require.NoError(t, err)
	consumers := map[string]jetstream.Consumer{}
	for _, name := range names {
		consumers[name], err = js.CreateConsumer(t.Context(), stream, jetstream.ConsumerConfig{
			Durable: name, AckPolicy: jetstream.AckExplicitPolicy,
		})
		require.NoError(t, err)
	}
	for range messages {
		_, err := js.Publish(t.Context(), "work", nil)
		require.NoError(t, err)
	}
	return js, consumers
}

func settle(ctx context.Context, t *testing.T, consumer jetstream.Consumer, count int) {
	t.Helper()
	batch, err := consumer.FetchNoWait(count)
	require.NoError(t, err)
	for m := range batch.Messages() {
		require.NoError(t, m.DoubleAck(ctx))
	}
}

func all(string) bool { return true }

func TestUntil_NamesTheConsumersNobodyReads(t *testing.T) {
	t.Parallel()
	js, consumers := begin(t, 3, "idle", "dead", "gone")
	settle(t.Context(), t, consumers["idle"], 3)
	held, err := consumers["dead"].FetchNoWait(1)
	require.NoError(t, err)
	for range held.Messages() { // it is delivered and never settled
	}

	err = rest.Watch{
		JetStream: js, Streams: []string{stream}, Patience: time.Millisecond,
		Counts: func(name string) bool { return name != "gone" },
	}.Until(t.Context(), rest.Calm(2))

	require.ErrorIs(t, err, rest.ErrStuck)
	require.ErrorContains(t, err, "dead (2 pending, 1 held)")
	require.NotContains(t, err.Error(), "idle")
	require.NotContains(t, err.Error(), "gone", "it does not count")
}

func TestUntil_IsPatientWhileSomethingIsSettled(t *testing.T) {
	t.Parallel()
	const count = 4
	js, consumers := begin(t, count, "slow")
	looks := 0
	calm := rest.Calm(2)

	err := rest.Watch{JetStream: js, Streams: []string{stream}, Counts: all, Patience: 300 * time.Millisecond}.Until(
		t.Context(), func(found rest.Backlog) bool {
			looks++
			settle(t.Context(), t, consumers["slow"], 1)
			return calm(found)
		})

	require.NoError(t, err, "it took longer than the patience, and went on all the while")
	require.Equal(t, count+2, looks)
}

func TestCalm_BeginsAnewWhenSomethingWaitsAgain(t *testing.T) {
	t.Parallel()
	calm := rest.Calm(2)
	empty, busy := rest.Backlog{"one": {Floor: 7}}, rest.Backlog{"one": {Held: 1}}

	require.False(t, calm(empty))
	require.False(t, calm(busy))
	require.False(t, calm(empty))
	require.True(t, calm(empty))
}

func TestBacklog_NamesTheBusiestFirst(t *testing.T) {
	t.Parallel()
	found := rest.Backlog{"a": {Held: 1}, "b": {Pending: 5}, "c": {}}

	require.Equal(t, "b (5 pending, 0 held), a (0 pending, 1 held)", found.String())
	require.Equal(t, uint64(6), found.Total())
}
