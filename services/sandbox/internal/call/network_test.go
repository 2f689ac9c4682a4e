package call_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/fault"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const patience = time.Minute

// bundle is a running network with one line, whose webhooks answer with a document.
type bundle struct {
	*call.Network
	hook string
}

func setup(t *testing.T, second time.Duration, document func(form url.Values) string) *bundle {
	t.Helper()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			return
		}
		_, _ = w.Write([]byte("<Response>" + document(r.Form) + "</Response>"))
	}))
	faults := fault.NewSet("line")
	callbacks, err := callback.New(receiver.URL, faults, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	network := call.New(call.Config{Callbacks: callbacks, Faults: faults, World: world.New(), Second: second})
	var last atomic.Int64
	network.Connect(call.Line{
		Name: "line", Account: "account", IncomingURL: func() string { return receiver.URL },
		NewID: func(call.Kind) string { return strconv.FormatInt(last.Add(1), 10) },
		Request: func(at string, form url.Values) func(context.Context) (*http.Request, error) {
			return func(ctx context.Context) (*http.Request, error) {
				request, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
				if err == nil {
					request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
				return request, err
			}
		},
		RecordingURL: func(id string) string { return "https://example.com/" + id },
		Finish:       func(call.Webhook, url.Values) {},
	})
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var group sync.WaitGroup
	group.Go(func() { assert.NoError(t, callbacks.Run(ctx)) })
	group.Go(func() { assert.NoError(t, network.Run(ctx)) })
	t.Cleanup(func() {
		stop()
		group.Wait()
		receiver.Close()
	})
	return &bundle{Network: network, hook: receiver.URL}
}

func (b *bundle) ringing(t *testing.T, number string) call.Leg {
	t.Helper()
	var found []call.Leg
	require.Eventually(t, func() bool {
		found = b.List(1, func(l call.Leg) bool { return l.To == number && l.State == call.Ringing })
		return len(found) == 1
	}, patience, time.Millisecond)
	return found[0]
}

func numbers(n int) string {
	var nouns strings.Builder
	for i := range n {
		nouns.WriteString("<Number>" + phone(i) + "</Number>")
	}
	return nouns.String()
}

func phone(i int) string { return "+1415555012" + strconv.Itoa(i) }

// TestTenPhonesRingAndOneWins has ten people pick up at the same moment: one of them is connected, and nobody else.
func TestTenPhonesRingAndOneWins(t *testing.T) {
	t.Parallel()
	const phones = 10
	network := setup(t, 100*time.Millisecond, func(url.Values) string {
		return `<Dial timeout="600" answerOnBridge="true">` + numbers(phones) + `</Dial>`
	})
	incoming, err := network.Dial("", "+14055550123", "+15002000001")
	require.NoError(t, err)
	legs := make([]call.Leg, phones)
	for i := range phones {
		legs[i] = network.ringing(t, phone(i))
	}
	var answered atomic.Int32
	var group sync.WaitGroup
	for _, leg := range legs {
		group.Go(func() {
			if err := network.Answer(leg.ID); err == nil {
				answered.Add(1)
			} else {
				assert.ErrorIs(t, err, call.ErrWrongState)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, answered.Load())
	states := map[call.State]int{}
	for _, leg := range legs {
		now, ok := network.Find(leg.ID)
		require.True(t, ok)
		states[now.State]++
	}
	require.Equal(t, map[call.State]int{call.InProgress: 1, call.Canceled: phones - 1}, states)
	require.Eventually(t, func() bool {
		now, ok := network.Find(incoming.ID)
		return ok && now.State == call.InProgress // until then whoever hangs up has given up calling
	}, patience, time.Millisecond, "the caller is connected")
	require.NoError(t, network.HangUp(incoming.ID))
	require.Eventually(t, func() bool {
		return len(network.List(phones, func(l call.Leg) bool { return l.State == call.Completed })) == 2
	}, patience, time.Millisecond, "with the caller the agent's call ends")
}

// TestEveryStateIsTheLastOnce has people press every button of every phone at random: no leg leaves its last state, and
// every call ends.
func TestEveryStateIsTheLastOnce(t *testing.T) {
	t.Parallel()
	network := setup(t, time.Millisecond, func(form url.Values) string {
		if form.Get("DialCallStatus") != "" {
			return `<Say>Bye</Say><Record maxLength="5" timeout="1" action="/"/>`
		}
		if form.Get("RecordingSid") != "" {
			return `<Hangup/>`
		}
		return `<Dial timeout="30" action="/" record="record-from-answer">` + numbers(3) + `</Dial>`
	})
	const callers = 20
	for i := range callers {
		_, err := network.Dial("line", "+140555501"+strconv.Itoa(10+i), "+15002000001")
		require.NoError(t, err)
	}
	ended := map[string]call.State{}
	require.Eventually(t, func() bool {
		for i, leg := range network.List(1_000, func(call.Leg) bool { return true }) {
			if last, over := ended[leg.ID]; over {
				require.Equal(t, last, leg.State)
				continue
			}
			if leg.State.Over() {
				ended[leg.ID] = leg.State
				continue
			}
			acts := []func(string) error{
				network.Answer, network.Decline, network.HangUp,
				func(id string) error { return network.Speak(id, "hello") },
				func(id string) error { return network.Update(id, call.Completed, "") },
			}
			if err := acts[i%len(acts)](leg.ID); err != nil {
				require.ErrorIs(t, err, call.ErrWrongState)
			}
		}
		return len(network.List(1, func(l call.Leg) bool { return !l.State.Over() })) == 0 && len(ended) >= callers
	}, patience, time.Millisecond)
}

func TestTheNetworkTakesNoMoreCallsThanItCan(t *testing.T) {
	t.Parallel()
	network := setup(t, time.Hour, func(url.Values) string { return `<Pause length="600"/>` })
	placed := 0
	for {
		_, err := network.Place("line", call.Placement{To: "+14155550101", From: "+15002000001", URL: network.hook})
		if errors.Is(err, call.ErrBusy) {
			break
		}
		require.NoError(t, err)
		placed++
		require.LessOrEqual(t, placed, 1_000)
	}
	_, err := network.Place("none", call.Placement{})
	require.ErrorIs(t, err, call.ErrUnknown)
	network.Clear()
	require.Empty(t, network.List(1, func(call.Leg) bool { return true }))
	_, err = network.Place("line", call.Placement{To: "+14155550101", From: "+15002000001", URL: network.hook})
	require.NoError(t, err, "after that it goes on")
}

func TestAVoicemailEndsBySilenceAndByLength(t *testing.T) {
	t.Parallel()
	for name, attributes := range map[string]string{"silence": `timeout="1"`, "length": `maxLength="3" timeout="600"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			network := setup(t, 20*time.Millisecond, func(form url.Values) string {
				if form.Get("RecordingUrl") != "" {
					return `<Say>Thank you</Say>`
				}
				return `<Record ` + attributes + ` action="/"/>`
			})
			incoming, err := network.Dial("", "+14055550123", "+15002000001")
			require.NoError(t, err)
			require.Eventually(t, func() bool {
				now, _ := network.Find(incoming.ID)
				return now.State == call.Completed && len(now.Said) == 1 && now.RecordingID != ""
			}, patience, time.Millisecond)
		})
	}
}
