package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	reports := make(chan string)
	failing := errors.New("away")
	usage, err := access.NewUsage(func(_ context.Context, principal access.Principal) error {
		reports <- principal.ID
		if principal.ID == "unlucky" {
			return failing
		}
		return nil
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- usage.Run(ctx) }()
	start := time.Now()
	use := func(id string, after time.Duration) {
		usage.Used(access.Principal{Kind: access.KindAPIKey, Key: id, ID: id}, start.Add(after))
	}

	usage.Used(access.Principal{Kind: access.KindSession, Key: "session", ID: "session"}, start)
	use("key", 0)
	require.Equal(t, "key", <-reports)
	use("key", 59*time.Second)
	use("other", 59*time.Second)
	require.Equal(t, "other", <-reports, "a key is reported once a minute, a session never")
	use("key", time.Minute)
	require.Equal(t, "key", <-reports)
	use("unlucky", 0)
	require.Equal(t, "unlucky", <-reports)
	use("key", 3*time.Minute)
	require.Equal(t, "key", <-reports, "the report before this one has failed by now")
	use("unlucky", time.Second)
	require.Equal(t, "unlucky", <-reports, "what nobody heard is reported again")
	cancel()
	require.NoError(t, <-ended)
}
