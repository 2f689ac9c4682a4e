// Package template knows the templates of channel accounts for a while, so that a template can be sent without asking
// for the list each time.
package template

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
)

const (
	// freshFor is how long a list is taken without asking, staleFor how long while nobody answers.
	freshFor = time.Minute
	staleFor = 24 * time.Hour
	// remembered is how many lists are known at once.
	remembered = 1000
)

// Ask asks for the templates of a channel account.
type Ask func(ctx context.Context, ws workspace.ID, accountID string) ([]*senderv1.Template, error)

// Lists knows lists. It is safe for concurrent use.
type Lists struct {
	ask    Ask
	known  *lru.Cache[key, list]
	asking singleflight.Group
}

type key struct {
	workspace workspace.ID
	account   string
}

type list struct {
	items []*senderv1.Template
	at    time.Time
}

// New makes Lists.
func New(ask Ask) (*Lists, error) {
	known, err := lru.New[key, list](remembered)
	if err != nil {
		return nil, fmt.Errorf("making the memory of templates: %w", err)
	}
	return &Lists{ask: ask, known: known}, nil
}

// Newest asks for the list. Whoever asks at the same moment shares the answer.
func (l *Lists) Newest(ctx context.Context, ws workspace.ID, accountID string) ([]*senderv1.Template, error) {
	found, err, _ := l.asking.Do(ws.String()+"/"+accountID, func() (any, error) {
		items, err := l.ask(context.WithoutCancel(ctx), ws, accountID) // for others too
		if err == nil {
			l.known.Add(key{ws, accountID}, list{items: items, at: time.Now()})
		}
		return items, err
	})
	items, _ := found.([]*senderv1.Template)
	return items, err
}

// Known is the list as it was a moment ago, else the newest. While nobody answers it may be a day old: the provider
// itself refuses what it no longer knows.
func (l *Lists) Known(ctx context.Context, ws workspace.ID, accountID string) ([]*senderv1.Template, error) {
	known, ok := l.known.Get(key{ws, accountID})
	if ok && time.Since(known.at) < freshFor {
		return known.items, nil
	}
	items, err := l.Newest(ctx, ws, accountID)
	if err != nil && ok && time.Since(known.at) < staleFor {
		return known.items, nil
	}
	return items, err
}
