package resend

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

const (
	keyLifetime  = 24 * time.Hour
	maxKeyLength = 256
)

// claim is an idempotency key in use: who has it holds mu while the request is in progress.
type claim struct {
	mu      sync.Mutex
	started time.Time
	payload [sha256.Size]byte
	busy    bool
	// answer is what a repetition gets; its status is 0 until a request has succeeded.
	answer provider.Answer
}

// idempotent answers a repeated Idempotency-Key with the first answer for 24 hours. Only a success keeps its key.
func (a *API) idempotent(next provider.Handler) provider.Handler {
	return func(call provider.Call) provider.Answer {
		values, given := call.Header[http.CanonicalHeaderKey("Idempotency-Key")]
		if !given {
			return next(call)
		}
		if values[0] == "" || len(values[0]) > maxKeyLength {
			return fail(errIdempotencyKey)
		}
		held := a.claim(values[0])
		if answer, ok := held.begin(fingerprint(call.Content), time.Now()); !ok {
			return answer
		}
		answer := next(call)
		held.end(answer)
		return answer
	}
}

// claim finds the claim of a key, or makes it.
func (a *API) claim(key string) *claim {
	a.keys.Add(key, &claim{}, 1)
	held, ok := a.keys.Get(key)
	if !ok { // cleared in between
		return &claim{}
	}
	return held
}

// begin takes the key for a request with this payload, or gives the answer the request gets instead.
func (c *claim) begin(payload [sha256.Size]byte, now time.Time) (provider.Answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := c.answer.Status == 0 || now.Sub(c.started) > keyLifetime
	switch {
	case c.busy && payload == c.payload:
		return fail(errConcurrent), false
	case c.busy, !fresh && payload != c.payload:
		return fail(errOtherPayload), false
	case !fresh:
		repeated := c.answer
		repeated.Outcome = "replayed"
		return repeated, false
	}
	c.busy, c.payload, c.started, c.answer = true, payload, now, provider.Answer{}
	return provider.Answer{}, true
}

func (c *claim) end(answer provider.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	if answer.Status < http.StatusBadRequest {
		c.answer = answer
	}
}

// fingerprint is the same for two bodies of one meaning.
func fingerprint(body []byte) [sha256.Size]byte {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return sha256.Sum256(body)
	}
	canonical, err := json.Marshal(value)
	if err != nil {
		return sha256.Sum256(body)
	}
	return sha256.Sum256(canonical)
}
