package traffic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"time"
)

const (
	// patience is how long a client waits for an answer.
	patience = 15 * time.Second
	// maxAnswer bounds what is read of one.
	maxAnswer = 32 << 20
)

// web is a client of one API.
type web struct {
	base, key string
	http      *http.Client
}

// newWeb makes a client with an API key, or with cookies when it has none.
func newWeb(base, key string) *web {
	jar, _ := cookiejar.New(nil) // it never fails without options
	return &web{base: base, key: key, http: &http.Client{
		Jar: jar, Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 10 * time.Second},
	}}
}

// answer is what an API said. A status of zero means that it said nothing.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// into reads the JSON of an answer.
func (a answer) into(value any) error {
	if !a.ok() {
		return fmt.Errorf("the answer was %d: %.300s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, value); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}

// call makes one request; body is sent as JSON unless it is nil.
func (w *web) call(ctx context.Context, method, path string, body any, headers ...string) (answer, error) {
	payload := []byte{}
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return answer{}, fmt.Errorf("writing the request: %w", err)
		}
		payload = encoded
	}
	request, err := http.NewRequestWithContext(ctx, method, w.base+path, bytes.NewReader(payload))
	if err != nil {
		return answer{}, fmt.Errorf("making the request: %w", err)
	}
	request.Header.Set("Origin", w.base)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if w.key != "" {
		request.Header.Set("Authorization", "Bearer "+w.key)
	}
	for at := 0; at+1 < len(headers); at += 2 {
		request.Header.Set(headers[at], headers[at+1])
	}
	response, err := w.http.Do(request)
	if err != nil {
		return answer{}, fmt.Errorf("asking %s %s: %w", method, path, err)
	}
	defer func() { _ = response.Body.Close() }() // what matters has been read by then
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer of %s %s: %w", method, path, err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: content}, nil
}

// demand is call for what must succeed: it reads the answer into value unless that is nil.
func (w *web) demand(ctx context.Context, method, path string, body, value any) error {
	got, err := w.call(ctx, method, path, body)
	if err != nil {
		return err
	}
	if value == nil {
		value = &json.RawMessage{}
		if got.ok() && len(got.body) == 0 {
			return nil
		}
	}
	if err := got.into(value); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// pause waits, and is false when ctx ended before.
func pause(ctx context.Context, length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
