package sender_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

// letters follows the dead letters from the first one.
func (w *world) letters() <-chan *eventv1.DeadLetter {
	w.t.Helper()
	found, followed := make(chan *eventv1.DeadLetter, 10), make(chan struct{})
	ctx, cancel := context.WithCancel(w.t.Context())
	go func() {
		defer close(followed)
		_ = w.bus.Follow(ctx, event.StreamDeadLetter, nil, 1, func(m *bus.Message) error {
			letter := &eventv1.DeadLetter{}
			err := m.Decode(letter)
			found <- letter
			return err
		})
	}()
	w.t.Cleanup(func() {
		cancel()
		<-followed
	})
	return found
}

func (w *world) nextLetter(letters <-chan *eventv1.DeadLetter) *eventv1.DeadLetter {
	w.t.Helper()
	select {
	case letter := <-letters:
		return letter
	case <-time.After(patience):
		require.Fail(w.t, "no dead letter")
		return nil
	}
}

// drive publishes a dead letter once more, as an operator has it done.
func (w *world) drive(letter *eventv1.DeadLetter, times int) {
	w.t.Helper()
	_, err := w.bus.Publish(w.t.Context(), bus.Publishing{
		Subject: letter.GetSubject(), Data: letter.GetPayload(), Header: map[string]string{event.HeaderOnlyFor: letter.GetService()},
		ID: fmt.Sprintf("driven.%d.%d", letter.GetStreamSequence(), times),
	})
	require.NoError(w.t, err)
}

func TestSend_WhatCannotBeCarriedOutEndsInTheDeadLettersAndCanBeDrivenAgain(t *testing.T) {
	t.Parallel()
	known, late := newVendor(t, "acme"), newVendor(t, "late")
	w := newWorld(t, known, late)
	letters := w.letters()
	stop := w.start(func(c *sender.Config) { // an installation that does not have the other provider yet
		registry, err := channel.NewRegistry(known)
		require.NoError(t, err)
		c.Providers = registry
	})
	send := request(w.newWorkspace(late), late, "c", "too early")
	ack := w.publish(send)

	failed := w.await(send, "failed")
	require.Equal(t, string(channel.Failed), failed.GetStatus(), "the message does not hang as if it were on its way")
	require.Equal(t, channel.CodeRefused, failed.GetFailure().GetCode())
	require.NotEmpty(t, failed.GetFailure().GetMessage())
	require.NotContains(t, failed.GetFailure().GetMessage(), late.name, "what is wrong inside is for the operator")
	require.Equal(t, send.GetAttempt(), failed.GetAttempt())
	letter := w.nextLetter(letters)
	require.Equal(t, event.ServiceSender, letter.GetService())
	require.Equal(t, send.GetWorkspaceId(), letter.GetWorkspaceId())
	require.Equal(t, ack.Sequence, letter.GetStreamSequence())
	require.Contains(t, letter.GetReason(), `unknown provider: "late"`)
	require.Contains(t, letter.GetReason(), send.GetMessageId())
	kept := &eventv1.SendMessage{}
	require.NoError(t, proto.Unmarshal(letter.GetPayload(), kept))
	require.True(t, proto.Equal(send, kept), "the letter has the whole of it")

	w.drive(letter, 1)
	again := w.nextLetter(letters)
	require.Greater(t, again.GetStreamSequence(), letter.GetStreamSequence(), "dying again makes a letter of its own")
	require.Equal(t, letter.GetPayload(), again.GetPayload())
	require.Len(t, w.receipts.of(send), 1, "the same news is told once")
	w.requireQuiet()
	require.Zero(t, late.requests())
	stop()

	w.start()
	w.drive(letter, 2)
	require.Equal(t, string(channel.Sent), w.await(send, "accepted").GetStatus())
	w.drive(again, 3)
	w.requireQuiet()
	require.Equal(t, []string{"too early"}, late.bodies(), "driving it twice sends it once")
	require.Empty(t, letters)
}
