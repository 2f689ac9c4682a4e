package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// endOf is the last moment of a second that a provider tells.
func endOf(second time.Time) time.Time { return second.Add(time.Second - time.Microsecond) }

// secondsAgo is a time as the provider tells it.
func secondsAgo(seconds int) time.Time {
	return time.Now().Add(-time.Duration(seconds) * time.Second).UTC().Truncate(time.Second)
}

// dates makes the provider's API tell when its messages were written, and counts how often it is asked.
func (r *rig) dates(written time.Time) *atomic.Int32 {
	asked := &atomic.Int32{}
	r.api.HandleFunc(r.listPath()+"/Messages/{sid}", func(w http.ResponseWriter, request *http.Request) {
		asked.Add(1)
		_ = json.NewEncoder(w).Encode(map[string]string{
			"sid": request.PathValue("sid"), "direction": "inbound", "date_created": written.Format(time.RFC1123Z),
		})
	})
	return asked
}

// datedText is a message of the customer in the form of the webhook that tells when it was written.
func (r *rig) datedText(id, body string, written time.Time) call {
	return r.signedText(r.smsPath(), fmt.Sprintf(`{"id":%q,"project_id":%q,"status":"received","from":%q,"to":%q,"body":%q,"timestamp":%q}`,
		id, r.sms.Account, customer, r.sms.Address, body, written.Format(time.RFC3339)))
}

func TestStop_is_not_undone_by_a_start_written_before_and_delivered_after(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	written := secondsAgo(30)
	asked := r.dates(written)
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-stop", "STOP")).status)
	require.Zero(t, asked.Load(), "a STOP holds from when it comes")
	start := r.text(t, "SM-start", "START")
	for range 3 {
		require.Equal(t, http.StatusOK, r.send(t, start).status)
		require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
	}
	require.Equal(t, int32(1), asked.Load(), "what was heard keeps its time")
	require.Len(t, sends(t, r), 1, "the STOP alone is confirmed")
	messages := inbound(t, r)
	require.Equal(t, "start", messages[1].GetKeyword())
	require.Equal(t, endOf(written), messages[1].GetOccurredAt().AsTime(), "the second is over before anybody knows when in it")
}

func TestStop_is_undone_by_a_start_written_after_however_late_it_comes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	written := secondsAgo(30)
	r.dates(written)
	require.Equal(t, http.StatusOK, r.send(t, r.datedText("SM-stop", "STOP", secondsAgo(60))).status)
	require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-start", "START")).status)
	require.Equal(t, channel.OptedInState, r.consent(t).GetState())
	require.Equal(t, endOf(written), r.consent(t).GetChangedAt().AsTime())
}

func TestStop_is_undone_by_a_start_that_follows_at_once(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-stop", "STOP")).status)
	r.dates(time.Now().UTC())
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-start", "START")).status)
	require.Equal(t, channel.OptedInState, r.consent(t).GetState())
	start := inbound(t, r)[1]
	require.False(t, start.GetOccurredAt().AsTime().After(start.GetReceivedAt().AsTime()), "no word is said after it came")
}

func TestStop_holds_while_the_provider_cannot_say_how_old_a_start_is(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var recovered atomic.Bool
	r.api.HandleFunc(r.listPath()+"/Messages/SM-start", func(w http.ResponseWriter, _ *http.Request) {
		if !recovered.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"sid": "SM-start", "date_created": secondsAgo(30).Format(time.RFC1123Z)})
	})
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-stop", "STOP")).status)
	start := r.text(t, "SM-start", "START")
	got := r.send(t, start)
	require.Equal(t, http.StatusServiceUnavailable, got.status)
	require.NotEmpty(t, got.header.Get("Retry-After"))
	require.Len(t, inbound(t, r), 1)
	require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
	recovered.Store(true)
	require.Equal(t, http.StatusOK, r.send(t, start).status)
	require.Len(t, inbound(t, r), 2)
	require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
}

func TestStop_is_undone_by_a_start_whose_time_nobody_knows(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{
		"a message that the provider does not know": http.StatusNotFound,
		"a login that may not ask":                  http.StatusForbidden,
		"a login that is wrong":                     http.StatusUnauthorized,
		"a message without a date":                  http.StatusOK,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.api.HandleFunc(r.listPath()+"/Messages/SM-start", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(`{"sid":"SM-start"}`))
			})
			require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-stop", "STOP")).status)
			require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-start", "START")).status)
			require.Equal(t, channel.OptedInState, r.consent(t).GetState())
			start := inbound(t, r)[1]
			require.Equal(t, start.GetReceivedAt().AsTime(), start.GetOccurredAt().AsTime())
		})
	}
}

func TestStart_that_tells_its_time_is_taken_at_its_word(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	asked := r.dates(time.Now().UTC())
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-stop", "STOP")).status)
	require.Equal(t, http.StatusOK, r.send(t, r.datedText("SM-start", "START", secondsAgo(30))).status)
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-help", "HELP")).status)
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-other", "When do we start?")).status)
	require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
	require.Zero(t, asked.Load())
}

func TestStop_is_not_undone_by_an_older_start_that_a_sweep_finds(t *testing.T) {
	t.Parallel()
	r := newUnstartedRig(t)
	written := secondsAgo(30)
	start := r.listed("SM-start", "inbound", "received")
	start["body"], start["date_created"] = "START", written.Format(time.RFC1123Z)
	r.serveCalls()
	r.serveList([]map[string]any{start})
	cfg := r.config(t)
	cfg.SweepEvery, cfg.SweepFirst = time.Hour, time.Hour
	r.start(t, cfg)
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-stop", "STOP")).status)
	require.NoError(t, r.stop())

	sweeping(50 * time.Millisecond)(&cfg)
	r.start(t, cfg)
	require.Eventually(t, func() bool { return len(inbound(t, r)) == 2 }, 30*time.Second, 10*time.Millisecond)
	require.Equal(t, endOf(written), inbound(t, r)[1].GetOccurredAt().AsTime())
	require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
}
