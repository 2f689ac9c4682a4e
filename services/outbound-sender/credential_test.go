package sender_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

func TestSend_TooManyRequestsSlowsThatCredentialAlone(t *testing.T) {
	t.Parallel()
	slow, quick := newVendor(t, "slow"), newVendor(t, "quick")
	slow.answer = func(_ channel.Outbound, nth int) (int, http.Header) {
		if nth == 1 {
			return http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, slow, quick)
	w.start()
	begun := time.Now()
	slowed, unaffected := request(w.newWorkspace(slow), slow, "c", "slow"), request(w.newWorkspace(quick), quick, "c", "quick")
	w.publish(slowed)
	w.publish(unaffected)

	w.await(unaffected, "accepted")
	w.await(slowed, "accepted")
	require.GreaterOrEqual(t, slow.at[slowed.GetMessageId()].Sub(begun), time.Second)
	require.Less(t, quick.at[unaffected.GetMessageId()], slow.at[slowed.GetMessageId()])
}

func TestSend_RefusedCredentialHoldsItsQueueAndDrainsWhenItWorks(t *testing.T) {
	t.Parallel()
	broken, whole := newVendor(t, "broken"), newVendor(t, "whole")
	var valid atomic.Bool
	broken.valid = valid.Load
	broken.answer = func(channel.Outbound, int) (int, http.Header) {
		if !valid.Load() {
			return http.StatusUnauthorized, nil
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, broken, whole)
	ready := make(chan string, 1)
	w.start(func(c *sender.Config) { c.Ready = func(address string) { ready <- address } })
	address := <-ready
	ws := w.newWorkspace(broken)
	var held []*eventv1.SendMessage
	for i := range 20 {
		held = append(held, request(ws, broken, fmt.Sprint("c", i%3), strconv.Itoa(i)))
		w.publish(held[i])
	}
	unaffected := request(w.newWorkspace(whole), whole, "c", "whole")
	w.publish(unaffected)
	w.await(unaffected, "accepted")

	require.Eventually(t, func() bool { return status(t, address) == http.StatusServiceUnavailable }, patience, 10*time.Millisecond)
	require.Empty(t, broken.bodies())
	before := broken.requests()
	require.LessOrEqual(t, before, 3, "one for each conversation at most")

	valid.Store(true)
	for _, send := range held {
		w.await(send, "accepted")
	}
	require.Len(t, broken.bodies(), 20)
	require.Eventually(t, func() bool { return status(t, address) == http.StatusOK }, patience, 10*time.Millisecond)
}

func status(t *testing.T, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/readyz", http.NoBody)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

func TestSend_RetryAfterIsHonouredWhateverTheStatus(t *testing.T) {
	t.Parallel()
	const pause = 2 * time.Second
	busy, quick := newVendor(t, "busy"), newVendor(t, "quick")
	busy.answer = func(message channel.Outbound, nth int) (int, http.Header) {
		if message.Body == "first" && nth == 1 {
			return http.StatusTooEarly, http.Header{"Retry-After": {"2"}}
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, busy, quick)
	w.start()
	first, other := request(w.newWorkspace(busy), busy, "c", "first"), request(w.newWorkspace(busy), busy, "c", "other")
	other.From = "+15002000002"
	begun := time.Now()
	w.publish(first)
	require.Eventually(t, func() bool { return busy.requests() == 1 }, patience, time.Millisecond)
	unaffected := request(w.newWorkspace(quick), quick, "c", "quick")
	w.publish(unaffected)
	w.await(unaffected, "accepted")
	w.publish(other)

	w.await(first, "accepted")
	w.await(other, "accepted")
	require.GreaterOrEqual(t, busy.at[first.GetMessageId()].Sub(begun), pause)
	require.GreaterOrEqual(t, busy.at[other.GetMessageId()].Sub(begun), pause, "a sender address first used during the pause")
	require.Less(t, quick.at[unaffected.GetMessageId()].Sub(begun), pause)
}
