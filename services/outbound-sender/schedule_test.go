package sender_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

// flood is count messages of a workspace over 50 conversations; the body is the number within the conversation.
func flood(ws workspace.ID, v *vendor, count int) []*eventv1.SendMessage {
	sends := make([]*eventv1.SendMessage, 0, count)
	for i := range count {
		sends = append(sends, request(ws, v, fmt.Sprint("c", i%50), strconv.Itoa(i/50)))
	}
	return sends
}

// requireOrder checks that each message left once, and those of a conversation in order.
func requireOrder(t *testing.T, v *vendor, ws workspace.ID, count int) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	next, total := map[string]int{}, 0
	for _, message := range v.taken {
		if message.WorkspaceID != ws.String() {
			continue
		}
		require.Equal(t, strconv.Itoa(next[message.ConversationID]), message.Body, message.ConversationID)
		next[message.ConversationID]++
		total++
	}
	require.Equal(t, count, total)
}

func (w *world) consumers() []string {
	w.t.Helper()
	stream, err := w.bus.JetStream().Stream(w.t.Context(), event.StreamSend)
	require.NoError(w.t, err)
	var names []string
	consumers := stream.ConsumerNames(w.t.Context())
	for name := range consumers.Name() {
		names = append(names, name)
	}
	require.NoError(w.t, consumers.Err())
	return names
}

func TestSchedule_AFloodDoesNotDelayANeighbour(t *testing.T) {
	t.Parallel()
	const count = 3000
	v := newVendor(t, "acme")
	v.delay = 5 * time.Millisecond
	w := newWorld(t, v)
	noisy := w.newWorkspace(v)
	w.publishAll(flood(noisy, v, count))
	flooded := time.Now()
	w.start()
	require.Eventually(t, func() bool { return len(v.bodies()) > 50 }, patience, 5*time.Millisecond)

	var waits []time.Duration
	for i := range 20 {
		send := request(w.newWorkspace(v), v, "neighbour", strconv.Itoa(i))
		begun := time.Now()
		w.publish(send)
		w.await(send, "accepted")
		v.mu.Lock()
		waits = append(waits, v.at[send.GetMessageId()].Sub(begun))
		v.mu.Unlock()
	}
	slices.Sort(waits)
	t.Logf("neighbour waits: median %s, longest %s", waits[len(waits)/2], waits[len(waits)-1])
	require.Less(t, len(v.bodies()), count, "the flood was still there")
	require.ElementsMatch(t, []string{event.DurableSenderSend, event.DurableSenderOf(noisy)}, w.consumers())

	require.Eventually(t, func() bool { return len(v.bodies()) == count+20 }, 5*patience, 20*time.Millisecond)
	require.Less(t, waits[len(waits)/2], time.Since(flooded)/4, "whatever the machine does besides")
	requireOrder(t, v, noisy, count)
	w.requireQuiet()
}

func TestSchedule_AFloodSurvivesARestart(t *testing.T) {
	t.Parallel()
	const count = 1500
	v := newVendor(t, "acme")
	v.delay = 2 * time.Millisecond
	w := newWorld(t, v)
	noisy := w.newWorkspace(v)
	small := func(c *sender.Config) { c.Allowance = 64 }
	w.publishAll(flood(noisy, v, count))
	for _, part := range []int{200, 700} {
		stop := w.start(small)
		require.Eventually(t, func() bool { return len(v.bodies()) > part }, patience, 5*time.Millisecond)
		stop()
	}
	w.start(small)

	require.Eventually(t, func() bool { return len(v.bodies()) >= count }, 5*patience, 20*time.Millisecond)
	w.requireQuiet()
	requireOrder(t, v, noisy, count)
}

func TestSchedule_ManyLightWorkspacesNeedOneConsumer(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	var sends []*eventv1.SendMessage
	for i := range 300 {
		ws := w.newWorkspace(v)
		sends = append(sends, request(ws, v, "a", strconv.Itoa(i)), request(ws, v, "b", strconv.Itoa(i)))
	}
	w.publishAll(sends)
	w.start()

	require.Eventually(t, func() bool { return len(v.bodies()) == len(sends) }, 5*patience, 10*time.Millisecond)
	require.Equal(t, []string{event.DurableSenderSend}, w.consumers())
}

func TestLease_OneSendsAndTheOtherTakesOver(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.delay = 2 * time.Millisecond
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	first := w.start()
	w.publishAll(flood(ws, v, 400))
	require.Eventually(t, func() bool { return len(v.bodies()) > 50 }, patience, 5*time.Millisecond)
	w.start()
	first()

	require.Eventually(t, func() bool { return len(v.bodies()) >= 400 }, 5*patience, 10*time.Millisecond)
	w.requireQuiet()
	requireOrder(t, v, ws, 400)
}
