package invariant

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

const (
	// maxAsked bounds how many messages the API is asked for, unknown ones aside.
	maxAsked = 500
	asking   = 8
)

// readAPI asks for messages as their workspace: every one whose outcome is unknown, some of the others, and the files of
// every one that a customer wrote.
func (e *evidence) readAPI(ctx context.Context, w World) error {
	keys := map[string]string{}
	for _, record := range e.history.Records(history.Workspace) {
		keys[record.Workspace] = record.Key
	}
	client, some := &http.Client{Timeout: patience}, len(e.messages)/maxAsked+1
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asking)
	for at, m := range e.messages {
		key := keys[m.Workspace]
		if key == "" {
			continue // nobody of the run
		}
		if m.Status == "unknown" || at%some == 0 {
			group.Go(func() error {
				got, err := look(ctx, client, w.Gateway+"/api/messages/"+url.PathEscape(m.ID), key)
				mu.Lock()
				defer mu.Unlock()
				e.shown[m.ID] = got
				return err
			})
		}
		for _, file := range m.Files {
			if m.Direction != inbound || file.Missing != "" {
				continue
			}
			group.Go(func() error {
				path := "/api/messages/" + url.PathEscape(m.ID) + "/attachments/" + url.PathEscape(file.ID)
				body, status, err := fetch(ctx, client, w.Gateway+path, key)
				sum := sha256.Sum256(body)
				mu.Lock()
				defer mu.Unlock()
				e.files[m.ID+"/"+file.ID] = download{status, history.File{Size: len(body), Sum: hex.EncodeToString(sum[:])}}
				return err
			})
		}
	}
	return group.Wait()
}

func look(ctx context.Context, client *http.Client, at, key string) (shown, error) {
	body, status, err := fetch(ctx, client, at, key)
	got := shown{HTTP: status}
	if err == nil && status == http.StatusOK {
		err = json.Unmarshal(body, &struct{ Status *string }{&got.Status})
	}
	return got, err
}
