package systemtest_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

// TestSystem_kill_of_the_sender kills the sender at each step of a send. One system serves all steps: each begins with
// a sender that is to die at the step and ends with one that is not.
func TestSystem_kill_of_the_sender_at_any_step_sends_at_most_once_and_loses_nothing(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	owner := signUp(t, s.gateway)
	peers := map[string]func() string{
		"sms":   func() string { return "+1405557" + digits(4) },
		"email": func() string { return uuid.NewString() + "@example.net" },
	}
	for _, point := range []string{
		"sender.before-claim", "sender.after-claim", "sender.after-provider", "sender.after-outcome", "sender.before-ack",
	} {
		for channel, peer := range peers {
			to := peer()
			s.services[event.ServiceSender].kill(t)
			s.start(event.ServiceSender, point)
			message := owner.send(channel, to, "killed at "+point)
			s.services[event.ServiceSender].waitExit(t)

			s.start(event.ServiceSender, "").waitReady(t)
			s.waitSenderIdle()
			status := owner.waitStatus(message, expected(channel, point)...)
			arrived := len(received(t, s.sandbox, to))
			t.Logf("%s %s: %s, reached the customer %d times", channel, point, status, arrived)
			require.LessOrEqual(t, arrived, 1, "%s %s: sent twice", channel, point)
			if status != "unknown" {
				require.Equal(t, 1, arrived, "%s %s: %s, but the customer has nothing", channel, point, status)
			}
		}
	}
}

// expected is what may become of a message whose sender died at a point. A call that never left cannot be told from one
// that did where the provider recognises no repetition; one that left is found there.
func expected(channel, point string) []string {
	if channel == "sms" && point == "sender.after-claim" {
		return []string{"unknown"}
	}
	return []string{"sent", "delivered"}
}

// waitSenderIdle waits until the sender has acknowledged everything there is.
func (s *system) waitSenderIdle() {
	s.t.Helper()
	connection, err := nats.Connect(s.env["NATS_URL"])
	require.NoError(s.t, err)
	defer connection.Close()
	js, err := jetstream.New(connection)
	require.NoError(s.t, err)
	require.Eventually(s.t, func() bool {
		consumer, err := js.Consumer(s.t.Context(), event.StreamSend, event.DurableSenderSend)
		if err != nil {
			return false
		}
		info := consumer.CachedInfo()
		return info.NumPending == 0 && info.NumAckPending == 0
	}, time.Minute, 50*time.Millisecond, "the sender still has something in hand")
}
