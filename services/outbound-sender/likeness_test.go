package sender_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// TestLookup_WhatLooksLikeAnotherMessageIsNotTakenForIt: of two messages with the same words the provider never took the
// first and lists the second.
func TestLookup_WhatLooksLikeAnotherMessageIsNotTakenForIt(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.likens = true
	v.answer = func(message channel.Outbound, _ int) (int, http.Header) {
		switch {
		case strings.HasPrefix(message.ConversationID, "lost"):
			return http.StatusBadGateway, nil
		case strings.HasPrefix(message.ConversationID, "cut"):
			return hangUp, nil
		default:
			return http.StatusOK, nil
		}
	}
	w := newWorld(t, v)
	w.startReady()
	ws := w.newWorkspace(v)
	after := func(before *eventv1.SendMessage, step, conversation, body string) *eventv1.SendMessage {
		if before != nil {
			w.await(before, step)
		}
		send := request(ws, v, conversation, body)
		w.publish(send)
		return send
	}
	first := after(nil, "", "lost 1", "of both nobody knows")
	twin := after(first, "unknown", "cut 1", "of both nobody knows")
	lost := after(twin, "unknown", "lost 2", "of one we know")
	known := after(lost, "unknown", "3", "of one we know")
	alone := after(known, "accepted", "cut 4", "alone with these words")

	require.Equal(t, "ext-"+alone.GetMessageId(), w.await(alone, "reconciled").GetExternalId())
	for _, send := range []*eventv1.SendMessage{first, twin, lost} {
		require.Eventually(t, func() bool { return w.entry(send).GetLookups() == 3 }, patience, 10*time.Millisecond)
		require.Equal(t, "unknown", w.entry(send).GetState(), send.GetConversationId())
	}
	for _, send := range []*eventv1.SendMessage{first, lost} {
		response, err := w.resolve(send, "ask", "u")
		require.NoError(t, err)
		require.Equal(t, "unknown", response.GetStatus(), "a person who asks is told no more")
	}
	require.Equal(t, 5, v.requests())
}
