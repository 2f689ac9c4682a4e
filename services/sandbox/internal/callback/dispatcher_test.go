package callback_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func setup(t *testing.T) *callback.Dispatcher {
	t.Helper()
	dispatcher, err := callback.New("https://hooks.example.test:8443", fault.NewSet("acme"),
		slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	return dispatcher
}

func TestReachableIsTheWebhooksHostAndThisMachine(t *testing.T) {
	t.Parallel()
	dispatcher := setup(t)
	for rawURL, want := range map[string]bool{
		"https://hooks.example.test:8443/x?y=z": true, "http://127.0.0.1:1/x": true, "http://[::1]:1/x": true,
		"http://localhost/x": true, "https://hooks.example.test/x": false, "http://elsewhere.example/x": false,
		"http://hooks.example.test:8443@elsewhere.example/": false, "ftp://127.0.0.1/x": false, "127.0.0.1": false, "": false,
		"http://127.0.0.1.elsewhere.example/": false,
	} {
		require.Equal(t, want, dispatcher.Reachable(rawURL), rawURL)
	}
}

func TestNewRefusesAURLWithoutAHost(t *testing.T) {
	t.Parallel()
	_, err := callback.New("hooks", fault.NewSet(), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.ErrorContains(t, err, "hooks")
}

func TestCallbackThatCannotBeMadeIsLostAfterItsLastAttempt(t *testing.T) {
	t.Parallel()
	dispatcher := setup(t)
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- dispatcher.Run(ctx) }()
	broken := errors.New("broken")
	attempts, ended := 0, make(chan error, 1)
	dispatcher.Deliver(callback.Callback{
		Provider: "acme", At: time.Now(), Waits: []time.Duration{time.Millisecond, time.Millisecond},
		Request: func(context.Context) (*http.Request, error) {
			attempts++
			return nil, broken
		},
		Ended: func(err error) { ended <- err },
	})
	require.ErrorIs(t, <-ended, broken)
	require.Equal(t, 3, attempts)
	stop()
	require.NoError(t, <-ran)
}

func TestClearForgetsWhatWaits(t *testing.T) {
	t.Parallel()
	dispatcher := setup(t)
	dispatcher.Deliver(callback.Callback{
		Provider: "acme", At: time.Now(),
		Request: func(context.Context) (*http.Request, error) {
			require.Fail(t, "asked for a request")
			return nil, nil //nolint:nilnil // never reached
		},
	})
	dispatcher.Clear()
	ended := make(chan error, 1)
	dispatcher.Deliver(callback.Callback{
		Provider: "acme", At: time.Now(), Ended: func(err error) { ended <- err },
		Request: func(context.Context) (*http.Request, error) { return nil, errors.New("enough") },
	})
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- dispatcher.Run(ctx) }()
	require.Error(t, <-ended)
	stop()
	require.NoError(t, <-ran)
}

func TestHurryPostsWhatWaitsAtOnce(t *testing.T) {
	t.Parallel()
	dispatcher := setup(t)
	ended := make(chan error, 1)
	dispatcher.Deliver(callback.Callback{
		Provider: "acme", At: time.Now().Add(time.Hour), Ended: func(err error) { ended <- err },
		Request: func(context.Context) (*http.Request, error) { return nil, errors.New("enough") },
	})
	require.Equal(t, 1, dispatcher.Waiting())
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- dispatcher.Run(ctx) }()
	dispatcher.Hurry()
	require.Error(t, <-ended)
	require.Zero(t, dispatcher.Waiting())
	stop()
	require.NoError(t, <-ran)
}
