package bus_test

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/bus/embedded"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

func portOf(t *testing.T, address string) int {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	port, err := strconv.Atoi(parsed.Port())
	require.NoError(t, err)
	return port
}

func TestFollow_FromASequenceInOrder(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	for i := range 5 {
		publish(t, b, ws, strconv.Itoa(i))
	}
	publish(t, b, workspace.NewID(), "other")
	seen := make(chan string, 10)
	run(t, func(ctx context.Context) error {
		filter := []string{"send.v1." + ws.String() + ".*"}
		return b.Follow(ctx, event.StreamSend, filter, 3, func(m *bus.Message) error {
			seen <- idOf(t, m)
			return nil
		})
	})
	for _, want := range []string{"2", "3", "4"} {
		require.Equal(t, want, receive(t, seen))
	}
	publish(t, b, ws, "new")
	require.Equal(t, "new", receive(t, seen))
}

func TestFollow_LeavesNothingOutAcrossARestart(t *testing.T) {
	t.Parallel()
	config := embedded.Config{Directory: t.TempDir()}
	running, err := embedded.Start(config)
	require.NoError(t, err)
	b, err := bus.Connect(t.Context(), bus.Config{URL: running.ClientURL(), Name: "test"})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	ws, seen := workspace.NewID(), make(chan string, 10)
	publish(t, b, ws, "before")
	run(t, func(ctx context.Context) error {
		return b.Follow(ctx, event.StreamSend, nil, 1, func(m *bus.Message) error {
			seen <- idOf(t, m)
			return nil
		})
	})
	require.Equal(t, "before", receive(t, seen))

	config.Port = portOf(t, running.ClientURL())
	running.Shutdown()
	running.WaitForShutdown()
	running, err = embedded.Start(config)
	require.NoError(t, err)
	t.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})
	for _, id := range []string{"a", "b", "c"} {
		require.Eventually(t, func() bool {
			_, err := b.Publish(t.Context(), bus.Publishing{
				Subject: event.SendSubject(ws, "sms"), ID: id, Payload: &eventv1.SendMessage{MessageId: id},
			})
			return err == nil
		}, patience, 10*time.Millisecond)
	}
	for _, want := range []string{"a", "b", "c"} {
		require.Equal(t, want, receive(t, seen))
	}
}

func TestFollow_ReturnsTheErrorOfItsHandler(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publish(t, b, workspace.NewID(), "a")
	err := b.Follow(t.Context(), event.StreamSend, nil, 1, func(*bus.Message) error { return errAway })
	require.ErrorIs(t, err, errAway)
}

func TestReadAt_WhatIsGoneIsNotFound(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	_, err := b.ReadAt(t.Context(), event.StreamSend, 99)
	require.ErrorIs(t, err, bus.ErrKeyNotFound)
}

func TestBucket_CreateUpdateAndDeleteCompareRevisions(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	bucket, err := b.Bucket(t.Context(), event.BucketLedger)
	require.NoError(t, err)

	_, err = bucket.Get(t.Context(), "a.b")
	require.ErrorIs(t, err, bus.ErrKeyNotFound)
	revision, err := bucket.Create(t.Context(), "a.b", []byte("1"))
	require.NoError(t, err)
	_, err = bucket.Create(t.Context(), "a.b", []byte("2"))
	require.ErrorIs(t, err, bus.ErrKeyExists)
	next, err := bucket.Update(t.Context(), "a.b", []byte("3"), revision)
	require.NoError(t, err)
	_, err = bucket.Update(t.Context(), "a.b", []byte("4"), revision)
	require.ErrorIs(t, err, bus.ErrRevisionMismatch)
	entry, err := bucket.Get(t.Context(), "a.b")
	require.NoError(t, err)
	require.Equal(t, bus.Entry{Key: "a.b", Value: []byte("3"), Revision: next, Created: entry.Created}, entry)

	_, err = bucket.Put(t.Context(), "a.c", []byte("5"))
	require.NoError(t, err)
	var keys []string
	for key, err := range bucket.Keys(t.Context(), "a.*") {
		require.NoError(t, err)
		keys = append(keys, key)
	}
	require.ElementsMatch(t, []string{"a.b", "a.c"}, keys)

	require.ErrorIs(t, bucket.DeleteRevision(t.Context(), "a.b", revision), bus.ErrRevisionMismatch)
	require.NoError(t, bucket.DeleteRevision(t.Context(), "a.b", next))
	require.NoError(t, bucket.Delete(t.Context(), "a.c"))
	require.NoError(t, bucket.Delete(t.Context(), "never"))
	_, err = bucket.Get(t.Context(), "a.b")
	require.ErrorIs(t, err, bus.ErrKeyNotFound)
	_, err = bucket.Create(t.Context(), "a.b", []byte("6"))
	require.NoError(t, err, "a deleted key can be created again")
}

func TestMirror_FollowsWritesAndDeletesAcrossARestart(t *testing.T) {
	t.Parallel()
	config := embedded.Config{Directory: t.TempDir()}
	running, err := embedded.Start(config)
	require.NoError(t, err)
	b, err := bus.Connect(t.Context(), bus.Config{URL: running.ClientURL(), Name: "test"})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), nil, event.Buckets()))
	bucket, err := b.Bucket(t.Context(), event.BucketRoutes)
	require.NoError(t, err)
	put := func(key, address string) {
		_, err := bucket.Put(t.Context(), key, marshal(t, &bucketv1.Route{Address: address}))
		require.NoError(t, err)
	}
	put("stays", "1")
	put("goes", "2")

	changes := make(chan string, 100)
	mirror, err := bus.NewMirror(t.Context(), bucket, func() *bucketv1.Route { return new(bucketv1.Route) },
		func(key string, _ *bucketv1.Route, deleted bool) { changes <- fmt.Sprint(key, deleted) })
	require.NoError(t, err)
	t.Cleanup(mirror.Stop)
	route, ok := mirror.Get("stays")
	require.True(t, ok, "complete when NewMirror returns")
	require.True(t, mirror.Fresh())
	require.Equal(t, "1", route.GetAddress())
	require.Equal(t, "staysfalse", receive(t, changes))
	require.Equal(t, "goesfalse", receive(t, changes))

	require.NoError(t, bucket.Delete(t.Context(), "goes"))
	require.Equal(t, "goestrue", receive(t, changes))
	put("comes", "3")
	require.Equal(t, "comesfalse", receive(t, changes))

	config.Port = portOf(t, running.ClientURL())
	running.Shutdown()
	running.WaitForShutdown()
	require.Eventually(t, func() bool { return !mirror.Fresh() }, patience, 10*time.Millisecond, "nobody knows what changes")
	running, err = embedded.Start(config)
	require.NoError(t, err)
	t.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})
	require.Eventually(t, func() bool { // a server that has just begun may leave a request unanswered
		return bucket.Delete(t.Context(), "comes") == nil
	}, 2*patience, 10*time.Millisecond)
	put("after", "4")
	require.Eventually(t, func() bool {
		_, comes := mirror.Get("comes")
		_, after := mirror.Get("after")
		return !comes && after
	}, patience, 10*time.Millisecond)
	require.Eventually(t, mirror.Fresh, patience, 10*time.Millisecond)
}
