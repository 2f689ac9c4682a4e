package lease_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/lease"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	key      = "lease.test"
	holder   = "holder"
	ttl      = 3 * time.Second
	patience = time.Minute
)

var errBroken = errors.New("broken")

// run asks for the lease until stop; each time it is taken its instant is sent.
func run(t *testing.T, b *bus.Bus) (taken <-chan time.Time, stop func()) {
	t.Helper()
	bucket, err := b.Bucket(t.Context(), event.BucketLedger)
	require.NoError(t, err)
	l := lease.New(lease.Config{
		Bus: b, Bucket: bucket, Key: key, TTL: ttl, Logger: slog.New(slog.DiscardHandler),
	})
	instants, ctx, ended := make(chan time.Time, 10), t.Context(), make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ended <- l.Run(ctx, func(ctx context.Context) error {
			instants <- time.Now()
			<-ctx.Done()
			return nil
		})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(stop)
	return instants, stop
}

// leave writes the key as another process would.
func leave(t *testing.T, b *bus.Bus) time.Time {
	t.Helper()
	bucket, err := b.Bucket(t.Context(), event.BucketLedger)
	require.NoError(t, err)
	_, err = bucket.Put(t.Context(), key, []byte(holder))
	require.NoError(t, err)
	return time.Now()
}

func receive(t *testing.T, from <-chan time.Time) time.Time {
	t.Helper()
	select {
	case instant := <-from:
		return instant
	case <-time.After(patience):
		require.Fail(t, "lease not taken")
		return time.Time{}
	}
}

func TestLease_AnOrderlyStopLetsTheNextOneIn(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	first, stop := run(t, b)
	receive(t, first)
	second, _ := run(t, b)
	select {
	case <-second:
		require.Fail(t, "two at once")
	case <-time.After(2 * ttl):
	}
	stop()
	receive(t, second)
}

func TestLease_OfAProcessThatIsGoneIsTakenSoon(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	left := leave(t, b)
	taken, _ := run(t, b)
	wait := receive(t, taken).Sub(left)
	require.GreaterOrEqual(t, wait, ttl/6, "a lost connection may come back")
}

func TestLease_OfAProcessThatHangsRunsOut(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	hanging, err := b.Conn().Subscribe(event.LeaseSubject(key, holder), func(*nats.Msg) {})
	require.NoError(t, err)
	t.Cleanup(func() { _ = hanging.Unsubscribe() })
	left := leave(t, b)
	taken, _ := run(t, b)
	require.Greater(t, receive(t, taken).Sub(left), ttl)
}

func TestLease_FailingWorkIsNotHealthy(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	bucket, err := b.Bucket(t.Context(), event.BucketLedger)
	require.NoError(t, err)
	l := lease.New(lease.Config{Bus: b, Bucket: bucket, Key: key, TTL: ttl, Logger: slog.New(slog.DiscardHandler)})
	var works atomic.Bool
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- l.Run(ctx, func(ctx context.Context) error {
			if !works.Load() {
				return errBroken
			}
			<-ctx.Done()
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	require.Eventually(t, func() bool { return errors.Is(l.Healthy(ctx), errBroken) }, patience, 10*time.Millisecond)
	works.Store(true)
	require.Eventually(t, func() bool { return l.Healthy(ctx) == nil }, patience, 10*time.Millisecond)
}
