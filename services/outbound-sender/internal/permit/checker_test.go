package permit_test

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
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
	connect := func(name string) *bus.Bus {
		b, err := bus.Connect(t.Context(), bus.Config{URL: address.String(), Name: name})
		require.NoError(t, err)
		t.Cleanup(b.Close)
		return b
	}
	b, other := connect("sender"), connect("webhook")
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), event.Buckets()))
	checker, err := permit.Follow(t.Context(), b)
	require.NoError(t, err)
	t.Cleanup(checker.Stop)
	ws := workspace.NewID()
	send := &eventv1.SendMessage{WorkspaceId: ws.String(), Channel: string(channel.SMS), To: "+14155550123"}
	failure, err := checker.Check(t.Context(), ws, send, false)
	require.NoError(t, err)
	require.Nil(t, failure)

	running.Shutdown()
	running.WaitForShutdown()
	running, err = embedded.Start(config)
	require.NoError(t, err)
	t.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})
	data, err := proto.Marshal(&eventv1.Consent{State: channel.OptedOutState, Source: channel.SourceKeyword})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		bucket, err := other.Bucket(t.Context(), event.BucketConsent)
		if err == nil {
			_, err = bucket.Put(t.Context(), event.ConsentKey(ws, channel.SMS, send.GetTo()), data)
		}
		return err == nil
	}, patience, 10*time.Millisecond)

	require.Eventually(t, func() bool { // while the bus is not back nothing is let through
		failure, err = checker.Check(t.Context(), ws, send, false)
		return err == nil
	}, patience, time.Millisecond)
	require.NotNil(t, failure, "never a yes from before the interruption")
	require.Equal(t, channel.CodeOptedOut, failure.Code)
}
