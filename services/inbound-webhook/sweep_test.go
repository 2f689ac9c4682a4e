package webhook_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

// listed is an entry of the provider's list of messages.
func (r *rig) listed(id, direction, status string) map[string]any {
	from, to := customer, r.sms.Address
	if direction != "inbound" {
		from, to = to, from
	}
	return map[string]any{
		"sid": id, "direction": direction, "status": status, "from": from, "to": to, "body": "listed", "num_media": 0,
		"date_sent": time.Now().UTC().Format(time.RFC1123Z), "date_created": time.Now().UTC().Format(time.RFC1123Z),
	}
}

func (r *rig) listPath() string { return "GET /api/laml/2010-04-01/Accounts/" + r.sms.Account }

// serveCalls makes the provider's API list calls.
func (r *rig) serveCalls(calls ...map[string]any) {
	if calls == nil {
		calls = []map[string]any{}
	}
	r.api.HandleFunc(r.listPath()+"/Calls", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"calls": calls})
	})
}

// serveList makes the provider's API list messages, one page for each of the arguments.
func (r *rig) serveList(pages ...[]map[string]any) *atomic.Int32 {
	asked := &atomic.Int32{}
	r.api.HandleFunc(r.listPath()+"/Messages", func(w http.ResponseWriter, request *http.Request) {
		page := 0
		if strings.Contains(request.URL.RawQuery, "Page=1") {
			page = 1
		}
		asked.Add(1)
		next := ""
		if page+1 < len(pages) {
			next = "/api/laml/2010-04-01/Accounts/x/Messages?Page=1&PageToken=t"
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": pages[page], "next_page_uri": next})
	})
	return asked
}

func sweeping(every time.Duration) func(*webhook.Config) {
	return func(c *webhook.Config) { c.SweepEvery, c.SweepFirst = every, time.Millisecond }
}

// mark is how far the SMS account was swept; nil when it was not.
func (r *rig) mark(t *testing.T) *bucketv1.SweepMark {
	t.Helper()
	bucket, err := r.bus.Bucket(t.Context(), event.BucketLedger)
	require.NoError(t, err)
	entry, err := bucket.Get(t.Context(), event.SweepKey(r.sms.Provider, r.sms.Account))
	if err != nil {
		return nil
	}
	kept := &bucketv1.SweepMark{}
	require.NoError(t, proto.Unmarshal(entry.Value, kept))
	return kept
}

func TestSweep_brings_what_no_webhook_told_once(t *testing.T) {
	t.Parallel()
	r := newUnstartedRig(t)
	told := r.listed("SM-told", "inbound", "received")
	r.serveCalls()
	asked := r.serveList(
		[]map[string]any{told, r.listed("SM-lost", "inbound", "received")},
		[]map[string]any{r.listed("SM-out", "outbound-api", "delivered"), {
			"sid": "SM-other", "direction": "inbound", "status": "received", "from": customer, "to": "+15009999999", "body": "x",
			"date_sent": time.Now().UTC().Format(time.RFC1123Z),
		}},
	)
	cfg := r.config(t)
	sweeping(50 * time.Millisecond)(&cfg)
	cfg.SweepFirst = time.Hour
	r.start(t, cfg)
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(r.smsPath(), r.message("SM-told"))).status)
	require.NoError(t, r.stop())

	cfg = r.config(t)
	sweeping(50 * time.Millisecond)(&cfg)
	r.start(t, cfg)
	require.Eventually(t, func() bool { return asked.Load() >= 6 && r.mark(t).GetUntil() != nil }, 30*time.Second, 10*time.Millisecond)
	ids := map[string]int{}
	for _, message := range inbound(t, r) {
		ids[message.GetExternalId()]++
		require.Equal(t, r.workspace.String(), message.GetWorkspaceId())
	}
	require.Equal(t, map[string]int{"SM-told": 1, "SM-lost": 1}, ids)
	news := receipts(t, r)
	require.Len(t, news, 1)
	require.Equal(t, "delivered", news[0].GetStatus())
	require.Equal(t, "SM-out", news[0].GetExternalId())
	require.Empty(t, quarantine(t, r), "the account may serve others beside us")

	query := channel.CallbackQuery(channel.Outbound{})
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(r.smsPath()+"?"+query.Encode(), url.Values{
		"MessageSid": {"SM-out"}, "MessageStatus": {"delivered"}, "AccountSid": {r.sms.Account}, "From": {r.sms.Address}, "To": {customer},
	})).status)
	require.Len(t, receipts(t, r), 1, "a webhook that comes after all has the same key")
	got := r.send(t, call{method: http.MethodGet, path: "/metrics"})
	require.Contains(t, got.body, `conversations_webhook_swept_total{kind="receipt",provider="`+r.sms.Provider+`"} 1`)
}

func TestSweep_moves_its_mark_only_when_everything_is_stored(t *testing.T) {
	t.Parallel()
	r := newUnstartedRig(t)
	var failed atomic.Int32
	recovered := make(chan struct{})
	r.serveCalls()
	r.serveList([]map[string]any{r.listed("SM-1", "inbound", "received")}, []map[string]any{r.listed("SM-2", "inbound", "received")})
	cfg := r.config(t)
	sweeping(10 * time.Millisecond)(&cfg)
	lookup, gate := cfg.Lookup, httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		select {
		case <-recovered:
		default:
			if strings.Contains(request.URL.RawQuery, "Page=1") {
				failed.Add(1)
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
		}
		r.api.ServeHTTP(w, request)
	}))
	t.Cleanup(gate.Close)
	cfg.Lookup = func(name string) (string, bool) {
		if name == r.sms.BaseVariable {
			return gate.URL, true
		}
		return lookup(name)
	}
	r.start(t, cfg)
	require.Eventually(t, func() bool { return failed.Load() >= 2 }, 30*time.Second, 10*time.Millisecond)
	require.Nil(t, r.mark(t).GetUntil())
	require.Len(t, inbound(t, r), 1, "what could be had is there")
	close(recovered)
	require.Eventually(t, func() bool { return r.mark(t).GetUntil() != nil }, 30*time.Second, 10*time.Millisecond)
	require.Len(t, inbound(t, r), 2)
}

func TestSweep_hears_a_keyword_and_fetches_files_as_a_webhook_does(t *testing.T) {
	t.Parallel()
	r := newUnstartedRig(t)
	stop, picture := r.listed("SM-stop", "inbound", "received"), r.listed("SM-mms", "inbound", "received")
	stop["body"], picture["num_media"] = "STOP", 1
	r.serveCalls()
	r.serveList([]map[string]any{stop, picture})
	r.api.HandleFunc(r.listPath()+"/Messages/SM-mms/Media", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"media_list": []map[string]any{{"sid": "ME-1", "content_type": "image/jpeg"}}})
	})
	r.api.HandleFunc(r.listPath()+"/Messages/SM-mms/Media/ME-1", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "\xff\xd8\xff photo")
	})
	cfg := r.config(t)
	cfg.AllowedPrivateHosts = []string{"127.0.0.1"}
	sweeping(time.Hour)(&cfg)
	r.start(t, cfg)
	require.Eventually(t, func() bool { return r.mark(t).GetUntil() != nil }, 30*time.Second, 10*time.Millisecond)
	require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
	require.Len(t, sends(t, r), 1)
	for _, message := range inbound(t, r) {
		if message.GetExternalId() == "SM-mms" {
			require.NotEmpty(t, message.GetAttachments()[0].GetBlobKey())
		}
	}
}

func TestSweep_tells_of_a_call_that_no_webhook_told_of(t *testing.T) {
	t.Parallel()
	r := newUnstartedRig(t)
	r.route(t, r.workspace, r.sms, "call", callAccountID)
	r.serveList([]map[string]any{})
	at := time.Now().UTC().Format(time.RFC1123Z)
	r.serveCalls(map[string]any{
		"sid": "CA-2", "parent_call_sid": "CA-1", "direction": "outbound-dial", "status": "completed", "from": r.sms.Address, "to": ana,
		"date_created": at, "start_time": at, "end_time": at, "duration": 42,
	}, map[string]any{
		"sid": "CA-1", "direction": "inbound", "status": "completed", "from": customer, "to": r.sms.Address,
		"date_created": at, "start_time": at, "end_time": at, "duration": 50,
	})
	cfg := r.config(t)
	sweeping(time.Hour)(&cfg)
	r.start(t, cfg)
	require.Eventually(t, func() bool { return r.mark(t).GetUntil() != nil }, 30*time.Second, 10*time.Millisecond)
	events := inbound(t, r)
	require.Len(t, events, 1)
	require.Equal(t, conversation.DeriveMessageID(r.workspace, callAccountID, "CA-1"), events[0].GetMessageId())
	highest, told := 0, receipts(t, r)
	for _, receipt := range told {
		require.Equal(t, events[0].GetMessageId(), receipt.GetMessageId())
		rank, _ := channel.CallState(receipt.GetCall().GetState()).Rank()
		if rank > highest {
			highest = rank
			require.Equal(t, rank >= 40, receipt.GetCall().GetDurationSeconds() == 42, "somebody talked for so long")
		}
	}
	completed, _ := channel.CallCompleted.Rank()
	require.Equal(t, completed, highest)
}

func TestSweep_is_left_to_one_of_several_processes(t *testing.T) {
	t.Parallel()
	r := newUnstartedRig(t)
	r.serveCalls()
	asked := r.serveList([]map[string]any{})
	for range 3 {
		cfg := r.config(t)
		sweeping(time.Hour)(&cfg)
		r.start(t, cfg)
	}
	outcomes := func() string { return r.send(t, call{method: http.MethodGet, path: "/metrics"}).body }
	require.Eventually(t, func() bool {
		return asked.Load() == 1 && strings.Contains(outcomes(), `conversations_webhook_sweeps_total{outcome="`)
	}, 30*time.Second, 10*time.Millisecond)
	require.Equal(t, int32(1), asked.Load())
}
