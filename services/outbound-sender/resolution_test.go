package sender_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

// resolve gives a person's word on a message.
func (w *world) resolve(send *eventv1.SendMessage, decision, user string) (*senderv1.ResolveMessageResponse, error) {
	request := &senderv1.ResolveMessageRequest{
		MessageId: send.GetMessageId(), Attempt: send.GetAttempt(), Channel: send.GetChannel(), Provider: send.GetProvider(),
		ChannelAccountId: send.GetChannelAccountId(), Resolution: &eventv1.Resolution{Decision: decision, UserId: user},
	}
	if decision == "send_again" {
		request.Send = proto.CloneOf(send)
		request.Send.Attempt++
	}
	response := &senderv1.ResolveMessageResponse{}
	ws, err := workspace.ParseID(send.GetWorkspaceId())
	require.NoError(w.t, err)
	return response, w.bus.Ask(w.t.Context(), event.AskSubject(ws, "message", "resolve"), request, response)
}

// leaveUnknown leaves a message whose outcome nobody knows, and which is asked for no more by itself.
func (w *world) leaveUnknown(v *vendor, body string) *eventv1.SendMessage {
	w.t.Helper()
	send := request(w.newWorkspace(v), v, "c", body)
	ack := w.publish(send)
	w.leave(send, &bucketv1.LedgerEntry{State: "unknown", Status: "unknown", Lookups: 3, SendSequence: ack.Sequence})
	return send
}

func (w *world) startReady(change ...func(*sender.Config)) (stop func()) {
	w.t.Helper()
	stop = w.start(change...)
	require.Eventually(w.t, func() bool {
		_, err := w.templates(workspace.NewID(), "none")
		refused, ok := errors.AsType[*bus.AskError](err)
		return ok && refused.Code == bus.CodeNotFound
	}, patience, 10*time.Millisecond)
	return stop
}

func requireConflict(t *testing.T, err error) {
	t.Helper()
	refused, ok := errors.AsType[*bus.AskError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, bus.CodeConflict, refused.Code, refused.Message)
}

func TestResolution_APersonDecidesAboutAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	plain, finding := newVendor(t, "plain"), newVendor(t, "finding")
	finding.finds = true
	w := newWorld(t, plain, finding)
	user := uuid.NewString()
	arrived, again := w.leaveUnknown(plain, "arrived"), w.leaveUnknown(plain, "again")
	mute := w.leaveUnknown(plain, "mute")
	found, lost := w.leaveUnknown(finding, "found"), w.leaveUnknown(finding, "lost")
	finding.take(channel.Outbound{MessageID: found.GetMessageId()})
	w.startReady()

	t.Run("arrived makes it sent, in the name of who says so, and nothing is sent", func(t *testing.T) {
		t.Parallel()
		response, err := w.resolve(arrived, "arrived", user)
		require.NoError(t, err)
		require.Equal(t, "sent", response.GetStatus())
		receipt := w.await(arrived, "resolved")
		require.Equal(t, "sent", receipt.GetStatus())
		require.Equal(t, user, receipt.GetResolution().GetUserId())
		require.Equal(t, int32(1), receipt.GetAttempt())
		require.Equal(t, "done", w.entry(arrived).GetState())
		_, err = w.resolve(arrived, "send_again", user)
		requireConflict(t, err)
	})
	t.Run("send_again makes one more attempt of the same message", func(t *testing.T) {
		t.Parallel()
		response, err := w.resolve(again, "send_again", user)
		require.NoError(t, err)
		require.Equal(t, "queued", response.GetStatus())
		require.Equal(t, int32(2), response.GetAttempt())
		receipt := w.await(again, "resolved")
		require.Empty(t, receipt.GetStatus(), "the next attempt moves it")
		require.Equal(t, "send_again", receipt.GetResolution().GetDecision())
		accepted := w.await(again, "accepted")
		require.Equal(t, int32(2), accepted.GetAttempt())
		require.Nil(t, accepted.GetResolution())
		_, err = w.resolve(again, "arrived", user)
		requireConflict(t, err)
	})
	t.Run("ask finds what the provider knows", func(t *testing.T) {
		t.Parallel()
		response, err := w.resolve(found, "ask", user)
		require.NoError(t, err)
		require.Equal(t, "delivered", response.GetStatus())
		require.Equal(t, user, w.await(found, "reconciled").GetResolution().GetUserId())
	})
	t.Run("ask leaves it unknown when the provider knows nothing", func(t *testing.T) {
		t.Parallel()
		response, err := w.resolve(lost, "ask", user)
		require.NoError(t, err)
		require.Equal(t, "unknown", response.GetStatus())
		receipt := w.await(lost, "asked")
		require.Empty(t, receipt.GetStatus())
		require.Equal(t, user, receipt.GetResolution().GetUserId())
		require.Equal(t, "unknown", w.entry(lost).GetState())
		require.Nil(t, w.entry(lost).GetResolution(), "nothing is decided")
	})
	t.Run("a provider that cannot be asked says so", func(t *testing.T) {
		t.Parallel()
		_, err := w.resolve(mute, "ask", user)
		requireConflict(t, err)
	})
	t.Run("what is not unknown is not decided about", func(t *testing.T) {
		t.Parallel()
		done := request(w.newWorkspace(plain), plain, "c", "done")
		w.publish(done)
		w.await(done, "accepted")
		require.Eventually(t, func() bool { return w.entry(done).GetState() == "done" }, patience, 5*time.Millisecond)
		for _, decision := range []string{"arrived", "send_again", "ask"} {
			_, err := w.resolve(done, decision, user)
			requireConflict(t, err)
		}
	})
	t.Run("what the ledger has forgotten can be decided about", func(t *testing.T) {
		t.Parallel()
		old := request(w.newWorkspace(plain), plain, "c", "old")
		_, err := w.resolve(old, "arrived", user)
		require.NoError(t, err)
		require.Equal(t, "sent", w.await(old, "resolved").GetStatus())
	})
}

func TestResolution_OfManyWhoDecideAtOnceOneWins(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	sends := make([]*eventv1.SendMessage, 0, 10)
	for range cap(sends) {
		sends = append(sends, w.leaveUnknown(v, "one"))
	}
	w.startReady()
	w.startReady() // two processes answer

	for _, send := range sends {
		var mu sync.Mutex
		var deciding sync.WaitGroup
		won := map[string]int{}
		for i := range 6 {
			decision := []string{"arrived", "send_again"}[i%2]
			deciding.Go(func() {
				_, err := w.resolve(send, decision, uuid.NewString())
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won[decision]++
				} else if refused, ok := errors.AsType[*bus.AskError](err); !ok || refused.Code != bus.CodeConflict {
					won[err.Error()]++
				}
			})
		}
		deciding.Wait()
		total := 0
		for _, times := range won {
			total += times
		}
		require.Equal(t, 1, total, won)
		if won["send_again"] == 1 {
			w.await(send, "accepted")
		}
		require.Len(t, v.of(send), won["send_again"])
		require.Equal(t, int32(1), w.await(send, "resolved").GetAttempt())
	}
}

// of lists what left of a message.
func (v *vendor) of(send *eventv1.SendMessage) []channel.Outbound {
	v.mu.Lock()
	defer v.mu.Unlock()
	var left []channel.Outbound
	for _, message := range v.taken {
		if message.MessageID == send.GetMessageId() {
			left = append(left, message)
		}
	}
	return left
}

func TestResolution_ADecisionSurvivesTheProcessThatTookIt(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	decided := func(decision, status string) *eventv1.SendMessage {
		send := request(w.newWorkspace(v), v, "c", decision)
		ack := w.publish(send)
		w.leave(send, &bucketv1.LedgerEntry{
			State: "decided", Status: status, SendSequence: ack.Sequence,
			Resolution: &eventv1.Resolution{Decision: decision, UserId: uuid.NewString()},
		})
		return send
	}
	arrived, again := decided("arrived", "sent"), decided("send_again", "unknown")
	w.start()

	require.Equal(t, "sent", w.await(arrived, "resolved").GetStatus())
	require.Equal(t, int32(2), w.await(again, "accepted").GetAttempt())
	for _, send := range []*eventv1.SendMessage{arrived, again} {
		require.Eventually(t, func() bool { return w.entry(send).GetState() == "done" }, patience, 5*time.Millisecond)
	}
	require.Len(t, v.of(again), 1)
	require.Empty(t, v.of(arrived))
}

func TestResolution_RefusesWhatIsNoDecision(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	send := w.leaveUnknown(v, "hello")
	w.startReady()
	other := proto.CloneOf(send)
	other.MessageId, other.Attempt = uuid.NewString(), 2
	ws, err := workspace.ParseID(send.GetWorkspaceId())
	require.NoError(t, err)
	for name, c := range map[string]struct {
		ws      workspace.ID
		request *senderv1.ResolveMessageRequest
	}{
		"nothing":      {ws, &senderv1.ResolveMessageRequest{}},
		"no workspace": {workspace.ID{}, &senderv1.ResolveMessageRequest{MessageId: send.GetMessageId(), Attempt: 1, Channel: "sms"}},
		"another word": {ws, &senderv1.ResolveMessageRequest{
			MessageId: send.GetMessageId(), Attempt: 1, Channel: "sms", Resolution: &eventv1.Resolution{Decision: "forget"},
		}},
		"another message": {ws, &senderv1.ResolveMessageRequest{
			MessageId: send.GetMessageId(), Attempt: 1, Channel: "sms", Send: other,
			Resolution: &eventv1.Resolution{Decision: "send_again"},
		}},
	} {
		err := w.bus.Ask(context.WithoutCancel(t.Context()), event.AskSubject(c.ws, "message", "resolve"), c.request,
			&senderv1.ResolveMessageResponse{})
		refused, ok := errors.AsType[*bus.AskError](err)
		require.True(t, ok, name)
		require.Equal(t, bus.CodeInvalid, refused.Code, name)
	}
	require.Empty(t, v.of(other))
}
