package bare

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

const (
	batchSize = 500
	maxRows   = 5_000_000
)

var errRows = errors.New("rows is not a number of rows")

// Inserted is what an insert took.
type Inserted struct {
	Rows    int     `json:"rows"`
	Seconds float64 `json:"seconds"`
}

// insert writes so many texts of made-up customers, in batches made beforehand, on one connection for each lane. The
// body of the request is what each text's webhook was.
func (p *program) insert(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	count, err := strconv.Atoi(query.Get("rows"))
	if err == nil && (count < 1 || count > maxRows) {
		err = errRows
	}
	var batches [Lanes][][]row
	if err == nil {
		batches, err = p.batches(count, query.Get("text"))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	begun := time.Now()
	group, ctx := errgroup.WithContext(r.Context())
	for _, lane := range batches {
		group.Go(func() error {
			for _, batch := range lane {
				if err := p.write(ctx, batch, query.Has("every")); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	took := Inserted{Rows: count, Seconds: time.Since(begun).Seconds()}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(took) // the caller went away
}

// batches are the texts, each lane with workspaces of its own.
func (p *program) batches(count int, text string) ([Lanes][][]row, error) {
	var (
		batches [Lanes][][]row
		open    [Lanes][]row
	)
	raw := []byte(strings.Repeat(text, 2)) // a webhook is about twice as long as its text
	for i := range count {
		home, lane := p.cfg.Homes[i%len(p.cfg.Homes)], i%len(p.cfg.Homes)%Lanes
		made, err := newRow(home, uuid.NewString(), Customer(i/len(p.cfg.Homes)%p.cfg.Customers), text, raw)
		if err != nil {
			return batches, err
		}
		if open[lane] = append(open[lane], made); len(open[lane]) == batchSize {
			batches[lane], open[lane] = append(batches[lane], open[lane]), nil
		}
	}
	for lane, rest := range open {
		if len(rest) > 0 {
			batches[lane] = append(batches[lane], rest)
		}
	}
	return batches, nil
}
