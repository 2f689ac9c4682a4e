package sender_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

func TestSend_LeavesOnceWithItsJourneyAndLedger(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	w.start(func(c *sender.Config) { c.WebhookPublicURL = "https://hooks.example.com" })
	send := request(w.newWorkspace(v), v, "c", "hello")
	ack := w.publish(send)

	claimed, accepted := w.await(send, "claimed"), w.await(send, "accepted")

	require.Equal(t, "sending", claimed.GetStatus())
	require.Equal(t, "sent", accepted.GetStatus())
	require.Equal(t, "ext-"+send.GetMessageId(), accepted.GetExternalId())
	require.Equal(t, "taken", accepted.GetProviderStatus())
	require.Equal(t, int32(1), accepted.GetAttempt())
	require.Equal(t, []string{"hello"}, v.bodies())
	callback, err := url.Parse(v.calls[0].StatusURL)
	require.NoError(t, err)
	require.Equal(t, "hooks.example.com/api/webhooks/acme", callback.Host+callback.Path)
	require.Equal(t, send.GetMessageId(), callback.Query().Get("messageId"))
	w.requireQuiet()
	entry := w.entry(send)
	require.Equal(t, "done", entry.GetState())
	require.Equal(t, "sent", entry.GetStatus())
	require.Equal(t, "platform", entry.GetMode())
	require.Equal(t, ack.Sequence, entry.GetSendSequence())
}

func TestSend_ConversationKeepsItsOrderThroughRetries(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.answer = func(message channel.Outbound, nth int) (int, http.Header) {
		if message.ConversationID == "slow" && nth < 7 && (message.Body == "2" || message.Body == "5") {
			return http.StatusTooEarly, nil
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	var last *eventv1.SendMessage
	var want []string
	for i := range 8 {
		last = request(ws, v, "slow", strconv.Itoa(i))
		want = append(want, last.GetBody())
		w.publish(last)
	}
	other := request(ws, v, "other", "other")
	w.publish(other)
	w.start()

	w.await(last, "accepted")
	w.await(other, "accepted")

	var slow []string
	for _, message := range v.taken {
		if message.ConversationID == "slow" {
			slow = append(slow, message.Body)
		}
	}
	require.Equal(t, want, slow)
	require.NotEqual(t, "other", v.taken[len(v.taken)-1].Body, "conversations do not wait for one another")
}

func TestSend_BadEndsSayWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.answer = func(message channel.Outbound, _ int) (int, http.Header) {
		status, _ := strconv.Atoi(message.Body)
		return status, nil
	}
	w := newWorld(t, v)
	w.start()
	cases := map[int]struct{ status, code string }{
		http.StatusUnprocessableEntity: {"failed", channel.CodeRefused},
		http.StatusForbidden:           {"failed", channel.CodeConfiguration},
		http.StatusLocked:              {"blocked", channel.CodeOptedOut},
		http.StatusTooEarly:            {"failed", channel.CodeProviderDown},
	}
	for status, want := range cases {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			send := request(w.newWorkspace(v), v, "c", strconv.Itoa(status))
			w.publish(send)
			receipt := w.await(send, want.status)
			require.Equal(t, want.status, receipt.GetStatus())
			require.Equal(t, want.code, receipt.GetFailure().GetCode())
			require.Equal(t, strconv.Itoa(status), receipt.GetFailure().GetProviderCode())
			require.NotEmpty(t, receipt.GetFailure().GetRemedy())
		})
	}
}

func TestSend_LastMomentChecks(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	w.start()

	t.Run("an account that is no longer there fails", func(t *testing.T) {
		t.Parallel()
		send := request(workspace.NewID(), v, "c", "unrouted")
		w.publish(send)
		receipt := w.await(send, "failed")
		require.Equal(t, channel.CodeConfiguration, receipt.GetFailure().GetCode())
	})
	t.Run("an account of another workspace fails", func(t *testing.T) {
		t.Parallel()
		send := request(workspace.NewID(), v, "c", "foreign")
		send.ChannelAccountId = accountOf(w.newWorkspace(v))
		w.publish(send)
		w.await(send, "failed")
	})
	t.Cleanup(func() { require.Empty(t, v.bodies()) })
}

func TestSend_PoisonIsDeadLetteredAndThoseBehindGoOn(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	ws, foreign := w.newWorkspace(v), workspace.NewID()
	letters := w.letters()
	publish := func(data []byte, send *eventv1.SendMessage) {
		p := bus.Publishing{Subject: event.SendSubject(ws, channel.SMS), Data: data}
		if send != nil {
			p.Payload = send
		}
		_, err := w.bus.Publish(t.Context(), p)
		require.NoError(t, err)
	}
	publish([]byte{0xff, 0xff}, nil)
	stolen := request(foreign, v, "c", "stolen")
	publish(nil, stolen)
	strange := request(ws, v, "c", "strange")
	strange.Provider = "nobody"
	publish(nil, strange)
	odd := request(ws, v, "c", "odd")
	odd.Channel = "pigeon"
	publish(nil, odd)
	endless := request(ws, v, "c", "endless")
	endless.To = strings.Repeat("1", 5000)
	publish(nil, endless)
	good := request(ws, v, "c", "good")
	publish(nil, good)
	w.start()

	w.await(good, "accepted")
	require.Equal(t, []string{"good"}, v.bodies())
	for range 5 {
		w.nextLetter(letters)
	}
	w.await(strange, "failed")
	w.await(odd, "failed")
	require.Empty(t, w.receipts.of(stolen), "a foreign workspace hears nothing")
	w.requireQuiet()
}

func TestSend_WhatAnEarlierProcessLeft(t *testing.T) {
	t.Parallel()
	plain, finding, forgetful, keyed := newVendor(t, "plain"), newVendor(t, "finding"), newVendor(t, "forgetful"),
		newVendor(t, "keyed")
	finding.finds, forgetful.finds = true, true
	keyed.about.IdempotencyWindow = time.Hour
	w := newWorld(t, plain, finding, forgetful, keyed)
	left := func(v *vendor, entry *bucketv1.LedgerEntry) *eventv1.SendMessage {
		send := request(w.newWorkspace(v), v, "c", v.name)
		w.leave(send, entry)
		w.publish(send)
		return send
	}
	died := left(plain, &bucketv1.LedgerEntry{State: "claimed"})
	went := left(finding, &bucketv1.LedgerEntry{State: "claimed"})
	finding.take(channel.Outbound{MessageID: went.GetMessageId(), Body: "went"})
	lost := left(forgetful, &bucketv1.LedgerEntry{State: "claimed"})
	again := left(keyed, &bucketv1.LedgerEntry{State: "claimed"})
	waited := left(plain, &bucketv1.LedgerEntry{State: "waiting"})
	ended := left(plain, &bucketv1.LedgerEntry{State: "done", Status: "sent", ExternalId: "ext", EmailMessageId: "m@x"})
	w.start()

	t.Run("a call that was perhaps made is unknown and not made again", func(t *testing.T) {
		t.Parallel()
		receipt := w.await(died, "unknown")
		require.Equal(t, channel.CodeOutcomeUnknown, receipt.GetFailure().GetCode())
	})
	t.Run("what the provider knows is found", func(t *testing.T) {
		t.Parallel()
		w.await(went, "unknown")
		found := w.await(went, "reconciled")
		require.Equal(t, "delivered", found.GetStatus())
		require.Equal(t, "ext-"+went.GetMessageId(), found.GetExternalId())
		require.Eventually(t, func() bool { return w.entry(went).GetState() == "done" }, patience, 10*time.Millisecond)
		require.Zero(t, finding.requests())
	})
	t.Run("what the provider does not know stays unknown", func(t *testing.T) {
		t.Parallel()
		w.await(lost, "unknown")
		require.Eventually(t, func() bool { return w.entry(lost).GetLookups() == 3 }, patience, 10*time.Millisecond)
		require.Equal(t, "unknown", w.entry(lost).GetState())
		require.Zero(t, forgetful.requests())
	})
	t.Run("a provider that recognises the key is asked again", func(t *testing.T) {
		t.Parallel()
		w.await(again, "accepted")
		require.Equal(t, []string{"keyed"}, keyed.bodies())
	})
	t.Run("what only waited is sent", func(t *testing.T) {
		t.Parallel()
		w.await(waited, "accepted")
	})
	t.Run("an outcome is told again and nothing is sent", func(t *testing.T) {
		t.Parallel()
		receipt := w.await(ended, "accepted")
		require.Equal(t, "ext", receipt.GetExternalId())
		require.Equal(t, "m@x", receipt.GetEmailMessageId())
	})
	t.Cleanup(func() { require.Len(t, plain.bodies(), 1) })
}

func TestSend_UnknownIsLookedUpAgainAfterARestart(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.finds = true
	v.answer = func(channel.Outbound, int) (int, http.Header) { return http.StatusBadGateway, nil }
	w := newWorld(t, v)
	send := request(w.newWorkspace(v), v, "c", "late")
	stop := w.start(func(c *sender.Config) { c.LookupWaits = []time.Duration{time.Hour} })
	w.publish(send)
	w.await(send, "unknown")
	w.requireQuiet()
	stop()
	v.take(channel.Outbound{MessageID: send.GetMessageId()})
	w.start()

	require.Equal(t, "delivered", w.await(send, "reconciled").GetStatus())
	require.Equal(t, 1, v.requests())
}

func TestSend_LostReplyIsAskedForAgainOnlyWhereItIsSafe(t *testing.T) {
	t.Parallel()
	keyed, plain := newVendor(t, "keyed"), newVendor(t, "plain")
	keyed.about.IdempotencyWindow, plain.finds = time.Hour, true
	once := func(_ channel.Outbound, nth int) (int, http.Header) {
		if nth == 1 {
			return hangUp, nil
		}
		return http.StatusOK, nil
	}
	keyed.answer, plain.answer = once, once
	w := newWorld(t, keyed, plain)
	w.start()
	safe, unsafe := request(w.newWorkspace(keyed), keyed, "c", "safe"), request(w.newWorkspace(plain), plain, "c", "unsafe")
	w.publish(safe)
	w.publish(unsafe)

	require.Equal(t, "sent", w.await(safe, "accepted").GetStatus())
	require.Equal(t, []string{"safe"}, keyed.bodies())
	require.Equal(t, 2, keyed.requests())
	w.await(unsafe, "unknown")
	require.Equal(t, "delivered", w.await(unsafe, "reconciled").GetStatus())
	require.Equal(t, 1, plain.requests())
}

func TestSend_APersonsRetryIsANewAttempt(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	var refuse atomic.Bool
	refuse.Store(true)
	v.answer = func(channel.Outbound, int) (int, http.Header) {
		if refuse.Load() {
			return http.StatusUnprocessableEntity, nil
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, v)
	w.start()
	send := request(w.newWorkspace(v), v, "c", "again")
	w.publish(send)
	w.await(send, "failed")
	refuse.Store(false)
	send.Attempt = 2
	w.publish(send)

	require.Equal(t, int32(2), w.await(send, "accepted").GetAttempt())
	require.Equal(t, int32(2), w.entry(send).GetAttempt())
}
