package sender_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestSend_ACallInDoubtIsNotRepeatedOnceTheProviderHasForgottenIt(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.about.IdempotencyWindow = 2 * time.Second
	var valid atomic.Bool
	v.valid = valid.Load
	v.answer = func(_ channel.Outbound, nth int) (int, http.Header) {
		if nth == 1 {
			return hangUp, nil
		}
		if !valid.Load() {
			return http.StatusUnauthorized, nil
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, v)
	w.start()
	send := request(w.newWorkspace(v), v, "c", "perhaps")
	w.publish(send)
	require.Eventually(t, func() bool { return v.requests() == 2 }, patience, time.Millisecond)
	time.AfterFunc(2*v.about.IdempotencyWindow, func() { valid.Store(true) })

	w.await(send, "unknown")
	require.Equal(t, 2, v.requests())
}

func TestSend_ACallInDoubtNeverEndsAsFailed(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.about.IdempotencyWindow = time.Hour
	v.answer = func(_ channel.Outbound, nth int) (int, http.Header) {
		if nth == 1 {
			return hangUp, nil
		}
		return http.StatusTooEarly, nil
	}
	w := newWorld(t, v)
	w.start()
	send := request(w.newWorkspace(v), v, "c", "perhaps")
	w.publish(send)

	require.Equal(t, channel.CodeOutcomeUnknown, w.await(send, "unknown").GetFailure().GetCode())
	require.Equal(t, "unknown", w.entry(send).GetState())
	require.Equal(t, []string{"perhaps"}, v.bodies())
}

func TestSend_WordsThatAreNoTextDoNotKeepAnOutcomeFromBeingRecorded(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.words = "no\xff"
	v.answer = func(message channel.Outbound, _ int) (int, http.Header) {
		if message.Body == "refused" {
			return http.StatusUnprocessableEntity, nil
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, v)
	w.start()
	ws := w.newWorkspace(v)
	taken, refused := request(ws, v, "c", "taken"), request(ws, v, "c", "refused")
	w.publish(taken)
	w.publish(refused)

	require.Equal(t, "no", w.await(taken, "accepted").GetProviderStatus())
	require.Equal(t, "no", w.await(refused, "failed").GetFailure().GetMessage())
	require.Equal(t, 2, v.requests())
}
