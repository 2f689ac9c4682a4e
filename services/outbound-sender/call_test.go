package sender_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

func callOf(ws workspace.ID, v *vendor) *eventv1.SendMessage {
	send := request(ws, v, "calls", "")
	send.Channel = string(channel.Call)
	send.Call = &eventv1.CallRequest{AgentId: "agent", AgentPhone: "+14155550101", Record: true}
	return send
}

func TestCall_RingsTheAgentWithOurURLsAndTellsThatItRings(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	w.start(func(c *sender.Config) { c.WebhookPublicURL = "https://hooks.example.com" })
	send := callOf(w.newWorkspace(v), v)
	w.publish(send)

	accepted := w.await(send, "accepted")
	require.Equal(t, string(channel.CallRinging), accepted.GetCall().GetState())
	require.True(t, accepted.GetCall().GetStartedAt().IsValid())
	require.Nil(t, w.await(send, "claimed").GetCall())
	require.Equal(t, "+14155550101", v.calls[0].Call.AgentPhone)
	answer, err := url.Parse(v.calls[0].Call.AnswerURL)
	require.NoError(t, err)
	require.Equal(t, "hooks.example.com/api/webhooks/acme", answer.Host+answer.Path)
	var event channel.CallEvent
	channel.ParseCallQuery(answer.String(), &event)
	require.Equal(t, channel.CallAnswered, event.Step)
	require.Equal(t, send.GetMessageId(), event.MessageID)
	require.Equal(t, send.GetWorkspaceId(), event.WorkspaceID)
	require.Equal(t, 1, event.Attempt)
	require.Equal(t, send.GetTo(), event.Query.Get(channel.CallQueryTo), "the answer is made of the URL alone")
	require.Equal(t, strconv.FormatBool(send.GetCall().GetRecord()), event.Query.Get(channel.CallQueryRecord))
}

func TestCall_WithNobodyToRingCannotBePlaced(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	w.start()
	send := callOf(w.newWorkspace(v), v)
	send.Call = nil
	w.publish(send)

	require.Equal(t, channel.CodeRefused, w.await(send, "failed").GetFailure().GetCode())
	require.Zero(t, v.requests())
}

func TestCall_WhoseReplyGotLostIsLookedUp(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.finds = true
	v.answer = func(channel.Outbound, int) (int, http.Header) { return hangUp, nil }
	w := newWorld(t, v)
	w.start()
	send := callOf(w.newWorkspace(v), v)
	send.Attachments = nil
	w.publish(send)

	w.await(send, "unknown")
	require.Equal(t, "ext-"+send.GetMessageId(), w.await(send, "reconciled").GetExternalId())
	require.Equal(t, 1, v.requests())
}

func TestCall_TheRateOfCallsDoesNotSlowTheTextsOfTheSameNumber(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.about.Rates = map[channel.Kind]float64{channel.Call: 0.01}
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	first, second := callOf(ws, v), callOf(ws, v)
	second.ConversationId = "another"
	w.start()
	w.publish(first)
	w.await(first, "accepted")
	w.publish(second)
	for range 5 {
		text := request(ws, v, "texts", "text")
		w.publish(text)
		w.await(text, "accepted")
	}
	require.False(t, w.has(second), "the next call waits for its turn")
}

func TestSend_TheSegmentsAProviderCountedAreToldAndKept(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.segments = 3
	w := newWorld(t, v)
	w.start()
	send := request(w.newWorkspace(v), v, "c", "long")
	w.publish(send)

	require.Equal(t, int32(3), w.await(send, "accepted").GetSegments())
	require.Equal(t, int32(3), w.entry(send).GetSegments())
}

func TestReconcile_TheTwinOfAnotherMessageIsNotTaken(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.finds = true
	v.answer = func(message channel.Outbound, _ int) (int, http.Header) {
		if message.ConversationID == "lost" {
			return http.StatusBadGateway, nil
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, v)
	w.start()
	ws := w.newWorkspace(v)
	known, lost := request(ws, v, "known", "same words"), request(ws, v, "lost", "same words")
	w.publish(known)
	id := w.await(known, "accepted").GetExternalId()
	v.mu.Lock()
	v.known[lost.GetMessageId()] = channel.Found{Accepted: channel.Accepted{ExternalID: id, Status: channel.Delivered}}
	v.mu.Unlock()
	w.publish(lost)

	w.await(lost, "unknown")
	require.Eventually(t, func() bool { return w.entry(lost).GetLookups() == 3 }, patience, 10*time.Millisecond)
	require.Equal(t, "unknown", w.entry(lost).GetState())
	for _, receipt := range w.receipts.of(lost) {
		require.NotEqual(t, "reconciled", receipt.GetStep())
	}
}

func TestReconcile_WhatWasFoundOnceIsNotFoundForAnother(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.finds = true
	v.answer = func(channel.Outbound, int) (int, http.Header) { return http.StatusBadGateway, nil }
	w := newWorld(t, v)
	w.start()
	ws := w.newWorkspace(v)
	sends := []*eventv1.SendMessage{request(ws, v, "one", "same words"), request(ws, v, "two", "same words")}
	sends[0].Attachments = []*eventv1.Attachment{w.store(ws, "a.txt", "text/plain", []byte("text"))}
	for _, send := range sends {
		v.mu.Lock()
		v.known[send.GetMessageId()] = channel.Found{Accepted: channel.Accepted{ExternalID: "one", Status: channel.Delivered}}
		v.mu.Unlock()
		w.publish(send)
	}

	require.Eventually(t, func() bool {
		found, left := 0, 0
		for _, send := range sends {
			if !w.has(send) {
				return false
			}
			entry := w.entry(send)
			if entry.GetState() == "done" {
				found++
			}
			if entry.GetState() == "unknown" && entry.GetLookups() == 3 {
				left++
			}
		}
		return found == 1 && left == 1
	}, patience, 10*time.Millisecond, "one is found, the other is left to a person")
}
