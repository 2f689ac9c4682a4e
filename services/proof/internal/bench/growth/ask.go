package growth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/sample"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
)

const (
	askTimeout = time.Minute
	maxAnswer  = 16 << 20
	median     = 0.5
	// warming is the part of the requests that is asked and not counted.
	warming = 10
	// slowly is the part of the requests that is asked of what may take seconds.
	slowly = 20
	// frequent is a word that about one message in fifty has.
	frequent = "word20"
	milli    = "ms"
)

var errUnavailable = errors.New("503 Service Unavailable")

// picker chooses conversations at random, so that a workspace is chosen by its size.
type picker struct {
	workspaces []tenant.Workspace
	held       []int
	upTo       []int // sums of held
	random     *rand.Rand
}

func newPicker(l *loader) *picker {
	p := &picker{workspaces: l.workspaces, held: l.held, random: rand.New(rand.NewPCG(1, 1))} //nolint:gosec,mnd // to choose alike each time
	sum := 0
	for _, held := range l.held {
		sum += held
		p.upTo = append(p.upTo, sum)
	}
	return p
}

// next is a workspace and the number of a conversation in it.
func (p *picker) next() (tenant.Workspace, int) {
	chosen := p.random.IntN(p.upTo[len(p.upTo)-1])
	at, exact := slices.BinarySearch(p.upTo, chosen)
	if exact {
		at++
	}
	return p.workspaces[at], chosen - (p.upTo[at] - p.held[at])
}

// list asks for the newest conversations.
func (b *bench) list(ctx context.Context, c *curve, size int) error {
	return b.ask(ctx, c, "list of 50 conversations", size, true, func() (tenant.Workspace, string, int) {
		ws, _ := b.pick.next()
		return ws, "/api/conversations?limit=50", 1
	})
}

// listLargest asks the greatest workspace alone, and for closed conversations only.
func (b *bench) listLargest(ctx context.Context, c *curve, size int) error {
	return b.ask(ctx, c, "list of 50 closed ones, largest workspace", size, true, func() (tenant.Workspace, string, int) {
		return b.loader.workspaces[0], "/api/conversations?limit=50&status=closed", 1
	})
}

// search asks for a word that one message has.
func (b *bench) search(ctx context.Context, c *curve, size int) error {
	return b.ask(ctx, c, "search for a rare word", size, true, func() (tenant.Workspace, string, int) {
		ws, n := b.pick.next()
		return ws, "/api/conversations?limit=50&q=" + url.QueryEscape(word(n)), 1
	})
}

// searchFrequent asks for a word that many messages have.
func (b *bench) searchFrequent(ctx context.Context, c *curve, size int) error {
	return b.ask(ctx, c, "search for a frequent word", size, false, func() (tenant.Workspace, string, int) {
		ws, _ := b.pick.next()
		return ws, "/api/conversations?limit=50&q=" + frequent, 0
	})
}

// ask asks one question at a time and adds the median of its durations. choose says whom and what, and how many items
// there must be at least. What has no bar may be refused because it takes too long: that is counted.
func (b *bench) ask(
	ctx context.Context, c *curve, name string, size int, barred bool, choose func() (ws tenant.Workspace, path string, least int),
) error {
	var took []time.Duration
	refused, count := 0, b.cfg.Requests
	if !barred {
		count = max(count/slowly, 1)
	}
	for i := range count + count/warming {
		ws, path, least := choose()
		var page struct {
			Items []json.RawMessage `json:"items"`
		}
		begun := time.Now()
		err := call(ctx, http.MethodGet, b.cfg.Gateway+path, ws.Key, nil, &page)
		switch {
		case errors.Is(err, errUnavailable) && !barred:
			refused++
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case len(page.Items) < least:
			return fmt.Errorf("%s: %s found nothing", name, path)
		}
		if i >= count/warming {
			took = append(took, time.Since(begun))
		}
	}
	c.add(name, point{
		size: size, cost: sample.Milliseconds(sample.Percentile(took, median)), unit: milli, barred: barred,
		note: fmt.Sprintf("%d requests one at a time, median; %d got no answer in time", len(took), refused),
	})
	return nil
}

// send asks for messages to be sent, to customers who are known.
func (b *bench) send(ctx context.Context, c *curve, size int) error {
	var took []time.Duration
	for i := range b.cfg.Requests + b.cfg.Requests/warming {
		ws, n := b.pick.next()
		body := map[string]string{"channel": "sms", "to": peer(n), "body": "growth " + uuid.NewString()}
		begun := time.Now()
		if err := call(ctx, http.MethodPost, b.cfg.Gateway+"/api/communications", ws.Key, body, nil); err != nil {
			return fmt.Errorf("sending: %w", err)
		}
		if i >= b.cfg.Requests/warming {
			took = append(took, time.Since(begun))
		}
	}
	c.add("accept of a message to send", point{
		size: size, cost: sample.Milliseconds(sample.Percentile(took, median)), unit: milli,
		note: strconv.Itoa(len(took)) + " requests one at a time, median",
	})
	return b.rest(ctx)
}

// call makes one request with a JSON body and reads the JSON answer into answer, if one is wanted.
func call(ctx context.Context, method, address, key string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var content io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding a request: %w", err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading an answer: %w", err)
	}
	if response.StatusCode == http.StatusServiceUnavailable {
		return fmt.Errorf("%w: %s", errUnavailable, text)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s: %s", response.Status, text)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("decoding an answer: %w", err)
	}
	return nil
}
