package throughput

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	// mostCalls is the length of the log of a stand-in.
	mostCalls = 10_000
	maxAnswer = 16 << 20
)

var errOutside = errors.New("the sandbox did not do as it was told")

// outside is a sandbox of our own.
type outside struct {
	url    string
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // why it ended, once it has
}

func startOutside(ctx context.Context) (*outside, error) {
	running, cancel := context.WithCancel(ctx)
	ready := make(chan string, 1)
	o := &outside{cancel: cancel, ended: make(chan struct{})}
	cfg := sandbox.Config{
		Base:       service.Base{Logger: slog.New(slog.DiscardHandler), Ready: func(address string) { ready <- address }},
		Address:    "127.0.0.1:0",
		WebhookURL: "http://127.0.0.1:1",
		CallSecond: time.Microsecond, // calls end as soon as they have begun, and none waits for the one before
	}
	go func() {
		defer close(o.ended)
		o.err = sandbox.Run(running, cfg)
	}()
	select {
	case address := <-ready:
		o.url = "http://" + address
		return o, nil
	case <-o.ended:
		cancel()
		return nil, fmt.Errorf("starting a sandbox: %w", o.err)
	}
}

func (o *outside) stop() {
	o.cancel()
	<-o.ended
}

// prepare makes the stand-in as slow as it is to be and lets the customers write where a provider wants that first.
// Nobody listens to callbacks here, so there are none; and the stand-in has no rate.
func (o *outside) prepare(ctx context.Context, a adapter, inFlight int, latency time.Duration) error {
	if _, windowed := a.provider.Describe().Windows[a.kind]; windowed {
		for worker := range inFlight {
			if err := o.tell(ctx, http.MethodPost, "/api/messages", map[string]any{
				"channel": a.kind, "provider": a.account.Provider, "body": "Where is my order?",
				"from": a.customer(worker), "to": a.account.Addresses[a.kind],
			}); err != nil {
				return err
			}
		}
	}
	return o.tell(ctx, http.MethodPut, "/api/faults", map[string]any{
		"provider": a.account.Provider, "latencyMs": latency.Milliseconds(), "ratePerSecond": 0, "dropCallbacks": true,
	})
}

func (o *outside) tell(ctx context.Context, method, path string, what any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("telling the sandbox: %w", err)
	}
	_, err = o.ask(ctx, method, path, body)
	return err
}

func (o *outside) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, o.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("asking the sandbox: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking the sandbox: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("reading the sandbox's answer: %w", err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("%w: %s %s: %s", errOutside, method, path, answer)
	}
	return answer, nil
}

// overlap tells how many calls were at the stand-in at one time, and how many calls a send took, by the newest of its
// log.
func (o *outside) overlap(ctx context.Context, provider string) (most int, perSend float64, err error) {
	answer, err := o.ask(ctx, http.MethodGet, "/api/requests?"+url.Values{
		"provider": {provider}, "limit": {strconv.Itoa(mostCalls)},
	}.Encode(), nil)
	if err != nil {
		return 0, 0, err
	}
	var log struct {
		Items []struct {
			At      time.Time `json:"at"`
			TookMS  float64   `json:"tookMs"`
			Outcome string    `json:"outcome"`
		} `json:"items"`
	}
	if err := json.Unmarshal(answer, &log); err != nil {
		return 0, 0, fmt.Errorf("reading the log of the stand-in: %w", err)
	}
	type turn struct {
		at     time.Time
		change int
	}
	var turns []turn
	accepted := 0
	for _, call := range log.Items {
		end := call.At.Add(time.Duration(call.TookMS * float64(time.Millisecond)))
		turns = append(turns, turn{call.At, 1}, turn{end, -1})
		if call.Outcome == "accepted" {
			accepted++
		}
	}
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.change, b.change)) })
	now := 0
	for _, t := range turns {
		now += t.change
		most = max(most, now)
	}
	return most, float64(len(log.Items)) / float64(max(accepted, 1)), nil
}
