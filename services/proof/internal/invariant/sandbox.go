package invariant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	pageSize  = 5_000
	maxAnswer = 64 << 20
	patience  = 30 * time.Second
)

var errForgotten = errors.New("the sandbox has forgotten a part of the run: raise the bound of its journal")

// readSandbox reads the journal whole, and the phones.
func (e *evidence) readSandbox(ctx context.Context, w World) error {
	client, after := &http.Client{Timeout: patience}, uint64(0)
	for {
		var page struct {
			Items       []entry
			First, Last uint64
		}
		path := "/api/journal?limit=" + strconv.Itoa(pageSize) + "&after=" + strconv.FormatUint(after, 10)
		if err := get(ctx, client, w.Sandbox+path, "", &page); err != nil {
			return err
		}
		if page.First > after+1 {
			return errForgotten
		}
		e.journal = append(e.journal, page.Items...)
		if len(page.Items) == 0 {
			break
		}
		after = page.Items[len(page.Items)-1].Seq
	}
	var phones struct{ Items []leg }
	if err := get(ctx, client, w.Sandbox+"/api/calls?limit=10000", "", &phones); err != nil {
		return err
	}
	e.legs = phones.Items
	return nil
}

// get reads JSON. An answer other than 200 is an error.
func get(ctx context.Context, client *http.Client, url, key string, value any) error {
	body, status, err := fetch(ctx, client, url, key)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("reading %s: the answer was %d: %.300s", url, status, body)
	}
	if err := json.Unmarshal(body, value); err != nil {
		return fmt.Errorf("reading %s: %w", url, err)
	}
	return nil
}

func fetch(ctx context.Context, client *http.Client, url, key string) (body []byte, status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, 0, fmt.Errorf("asking for %s: %w", url, err)
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, 0, fmt.Errorf("asking for %s: %w", url, err)
	}
	defer func() { _ = response.Body.Close() }() // what matters has been read by then
	body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, 0, fmt.Errorf("reading %s: %w", url, err)
	}
	return body, response.StatusCode, nil
}
