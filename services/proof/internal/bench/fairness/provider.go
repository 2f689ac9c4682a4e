package fairness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxItems  = 10_000
	maxAnswer = 64 << 20
)

// provider is the sandbox's own API.
type provider struct{ url string }

// behave sets how long every provider takes to answer. While it does it calls nobody back.
func (p *provider) behave(ctx context.Context, latency time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return call(ctx, http.MethodPut, p.url+"/api/faults", "", map[string]any{
		"latencyMs": latency.Milliseconds(), "dropCallbacks": latency > 0,
	}, nil)
}

// arrivals tells when the messages to a customer arrived whose text begins with the marker, by the first word.
func (p *provider) arrivals(ctx context.Context, to, marker string) (map[string]time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var list struct {
		Items []struct {
			Body string    `json:"body"`
			At   time.Time `json:"at"`
		} `json:"items"`
	}
	query := url.Values{"to": {to}, "limit": {strconv.Itoa(maxItems)}}
	if err := call(ctx, http.MethodGet, p.url+"/api/messages?"+query.Encode(), "", nil, &list); err != nil {
		return nil, fmt.Errorf("reading what arrived: %w", err)
	}
	arrived := map[string]time.Time{}
	for _, item := range list.Items {
		word, _, _ := strings.Cut(item.Body, " ")
		if !strings.HasPrefix(word, marker) {
			continue
		}
		if _, twice := arrived[word]; twice {
			return nil, fmt.Errorf("message %s arrived twice", word)
		}
		arrived[word] = item.At
	}
	return arrived, nil
}

// call makes one request with a JSON body and reads the JSON answer into answer, if one is wanted.
func call(ctx context.Context, method, address, key string, body, answer any) error {
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
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading an answer: %w", err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s: %s", method, request.URL.Path, response.Status, text)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("decoding an answer: %w", err)
	}
	return nil
}
