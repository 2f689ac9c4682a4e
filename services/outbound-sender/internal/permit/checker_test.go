package permit_test

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/bus/embedded"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/permit"
)

const patience = time.Minute

func TestChecker_ACopyThatIsNotFreshIsNotBelieved(t *testing.T) {
	t.Parallel()
	config := embedded.Config{Directory: t.TempDir()}
	running, err := embedded.Start(config)
	require.NoError(t, err)
	address, err := url.Parse(running.ClientURL())
	require.NoError(t, err)
	config.Port, err = strconv.Atoi(address.Port())
	require.NoError(t, err)
	b, err := bus.Connect(t.Context(), bus.Config{URL: address.String(), Name: "sender"})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), event.Buckets()))
	checker, err := permit.Follow(t.Context(), b)
	require.NoError(t, err)
	t.Cleanup(checker.Stop)
	ws := workspace.NewID()
	send := &eventv1.SendMessage{WorkspaceId: ws.String(), Channel: string(channel.SMS), To: "+14155550123"}
	failure, err := checker.Check(t.Context(), ws, send, permit.How{})
	require.NoError(t, err)
	require.Nil(t, failure)

	running.Shutdown()
	running.WaitForShutdown()
	stopAway(t, embedded.Config{Directory: config.Directory}, event.ConsentKey(ws, channel.SMS, send.GetTo()))
	running, err = embedded.Start(config)
	require.NoError(t, err)
	t.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})

	require.Eventually(t, func() bool { // while the bus is not back nothing is let through
		failure, err = checker.Check(t.Context(), ws, send, permit.How{})
		return err == nil
	}, patience, time.Millisecond)
	require.NotNil(t, failure, "never a yes from before the interruption")
	require.Equal(t, channel.CodeOptedOut, failure.Code)
}

// stopAway writes an opt-out while the sender cannot reach the server: it runs on another port.
func stopAway(t *testing.T, config embedded.Config, key string) {
	t.Helper()
	running, err := embedded.Start(config)
	require.NoError(t, err)
	b, err := bus.Connect(t.Context(), bus.Config{URL: running.ClientURL(), Name: "webhook"})
	require.NoError(t, err)
	put(t, b, key)
	b.Close()
	running.Shutdown()
	running.WaitForShutdown()
}

func put(t *testing.T, b *bus.Bus, key string) {
	t.Helper()
	bucket, err := b.Bucket(t.Context(), event.BucketConsent)
	require.NoError(t, err)
	data, err := proto.Marshal(&eventv1.Consent{State: channel.OptedOutState, Source: channel.SourceKeyword})
	require.NoError(t, err)
	_, err = bucket.Put(t.Context(), key, data)
	require.NoError(t, err)
}

func TestChecker_AnExactLookSeesWhatWasStoredAMomentAgo(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	checker, err := permit.Follow(t.Context(), b)
	require.NoError(t, err)
	t.Cleanup(checker.Stop)
	ws := workspace.NewID()
	for i := range 50 {
		send := &eventv1.SendMessage{Channel: string(channel.SMS), To: "+1415555" + strconv.Itoa(1000+i)}
		put(t, b, event.ConsentKey(ws, channel.SMS, send.GetTo()))
		failure, err := checker.Check(t.Context(), ws, send, permit.How{Exact: true})
		require.NoError(t, err)
		require.NotNil(t, failure)
	}
}
