package traffic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// gate is a gateway that answers sends as it is told, one after the other, and the last answer for ever.
type gate struct {
	mu       sync.Mutex
	statuses []int
	keys     []string
	bodies   []map[string]any
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	g.keys, g.bodies = append(g.keys, r.Header.Get("Idempotency-Key")), append(g.bodies, body)
	status := g.statuses[0]
	if len(g.statuses) > 1 {
		g.statuses = g.statuses[1:]
	}
	if status == 0 {
		panic(http.ErrAbortHandler) // the answer is lost
	}
	w.WriteHeader(status)
	_, _ = fmt.Fprint(w, `{"id":"id","conversationId":"c"}`)
}

// setup makes a driver of one workspace before a gateway that answers with the statuses.
func setup(t *testing.T, statuses ...int) (*Driver, *office, *gate) {
	t.Helper()
	g := &gate{statuses: statuses}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	recorder := history.NewRecorder(nil)
	d, err := New(Config{Gateway: server.URL, Sandbox: server.URL, Workspaces: 1, Rate: 100, Seed: 3}, recorder)
	require.NoError(t, err)
	o := &office{
		web: newWeb(server.URL, "key"), workspace: "w", addresses: map[string]string{}, lanes: map[string][]*lane{},
		followers: make(chan *follower, 1),
	}
	d.furnish(o, 0)
	d.offices = []*office{o}
	return d, o, g
}

func outcomes(d *Driver) []history.Outcome {
	var all []history.Outcome
	for _, record := range d.record.History().Records(history.Send) {
		all = append(all, record.Outcome)
	}
	return all
}

func TestASendIsRepeatedWithItsKeyUntilItIsAnswered(t *testing.T) {
	t.Parallel()
	d, o, g := setup(t, 0, http.StatusServiceUnavailable, http.StatusConflict, http.StatusTooManyRequests, http.StatusAccepted)
	require.True(t, d.send(t.Context(), d.draft(o.lanes[sms][1])))
	require.Equal(t, []history.Outcome{
		history.Failed, history.Failed, history.Failed, history.Failed, history.Accepted,
	}, outcomes(d))
	for at := range g.keys {
		require.Equal(t, g.keys[0], g.keys[at])
		require.Equal(t, g.bodies[0], g.bodies[at])
	}
	require.NotEmpty(t, g.keys[0])
	require.Equal(t, "id", d.record.History().Records(history.Send)[4].ID)
}

func TestARefusedSendIsNotRepeated(t *testing.T) {
	t.Parallel()
	d, o, _ := setup(t, http.StatusUnprocessableEntity)
	require.True(t, d.send(t.Context(), d.draft(o.lanes[sms][1])))
	require.Equal(t, []history.Outcome{history.Refused}, outcomes(d))
}

func TestAnAnsweredSendIsRepeatedOnceWhenToldTo(t *testing.T) {
	t.Parallel()
	d, o, g := setup(t, http.StatusAccepted)
	m := d.draft(o.lanes[sms][1])
	m.again = true
	require.True(t, d.send(t.Context(), m))
	require.Equal(t, []history.Outcome{history.Accepted, history.Accepted}, outcomes(d))
	require.Equal(t, g.keys[0], g.keys[1])
}

func TestMessagesOfOneLaneAreSentOneAfterTheOther(t *testing.T) {
	t.Parallel()
	d, o, _ := setup(t, http.StatusAccepted)
	l := o.lanes[sms][1]
	require.True(t, l.push(d.draft(l), d.draft(l)))
	require.False(t, l.push(d.draft(l)), "somebody sends already")
	d.drain(t.Context(), l)
	for at, record := range d.record.History().Records(history.Send) {
		require.Equal(t, at+1, record.Turn)
	}
	require.Len(t, outcomes(d), 3)
	require.True(t, l.push(d.draft(l)), "nobody sends any more")
}

func TestWhatIsNotAnsweredBeforeTheEndIsSettledAfterwards(t *testing.T) {
	t.Parallel()
	d, o, g := setup(t, http.StatusServiceUnavailable)
	l := o.lanes[sms][1]
	require.True(t, l.push(d.draft(l), d.draft(l)))
	ctx, cancel := context.WithTimeout(t.Context(), firstPause/2)
	defer cancel()
	d.drain(ctx, l)
	g.mu.Lock()
	g.statuses = []int{http.StatusAccepted}
	g.mu.Unlock()
	require.NoError(t, d.settle(t.Context()))
	all := outcomes(d)
	require.Equal(t, history.Accepted, all[len(all)-1])
	require.Empty(t, d.unanswered())
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, key := range g.keys {
		require.Equal(t, g.keys[0], key, "the second was never begun")
	}
}

func TestTheSameSeedDrawsTheSameLoad(t *testing.T) {
	t.Parallel()
	drawn := func() []string {
		d, o, _ := setup(t, http.StatusAccepted)
		for range 500 {
			d.choose()
		}
		return []string{d.marker(), strconv.FormatUint(d.random.Uint64(), 10), o.lanes[sms][1].customer}
	}
	first, second := drawn(), drawn()
	require.Equal(t, first, second)
}

func TestCustomersAreLikeNoOthers(t *testing.T) {
	t.Parallel()
	d, _, _ := setup(t, http.StatusAccepted)
	seen, number := map[string]bool{}, regexp.MustCompile(`^\+1[6-9][0-9]{2}555[0-9]{4}$`)
	for at := range 50 {
		o := &office{lanes: map[string][]*lane{}}
		d.furnish(o, at)
		customers := append([]*lane{}, o.reserved...)
		for _, lanes := range o.lanes {
			customers = append(customers, lanes...)
		}
		for _, l := range customers {
			require.False(t, seen[l.customer], l.customer)
			seen[l.customer] = true
			if l.channel != email {
				require.Regexp(t, number, l.customer)
			}
		}
	}
}

func TestALoadWithoutAnythingToDriveIsRefused(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{
		{},
		{Gateway: "http://127.0.0.1:1", Sandbox: "http://127.0.0.1:1"},
		{Gateway: "http://127.0.0.1:1", Sandbox: "http://127.0.0.1:1", Workspaces: 1},
	} {
		_, err := New(cfg, history.NewRecorder(nil))
		require.Error(t, err)
	}
	d, _, _ := setup(t, http.StatusAccepted)
	d.offices = nil
	require.Error(t, d.Run(t.Context()), "Prepare comes first")
}

func TestOnlyAnAnswerThatWouldBeTheSameAgainIsARefusal(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]history.Outcome{
		0: history.Failed, 202: history.Accepted, 401: history.Failed, 404: history.Refused, 408: history.Failed,
		409: history.Failed, 422: history.Refused, 429: history.Failed, 500: history.Failed, 503: history.Failed,
	} {
		require.Equal(t, want, outcomeOf(answer{status: status}), "%d", status)
	}
}
