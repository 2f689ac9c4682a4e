package inbox

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

//go:embed sql/*.sql
var statements embed.FS

// Relay publishes what has been committed to the outbox.
type Relay interface {
	// Flush returns when everything committed before the call is published.
	Flush(ctx context.Context) error
}

// Inbox answers questions about conversations and messages. It is safe for concurrent use.
type Inbox struct {
	db         *postgres.DB
	relay      Relay
	logger     *slog.Logger
	now        func() time.Time
	statements *template.Template
	// written has the text of every form of a statement that was asked for. They are few: a value of a request never enters
	// a text.
	written sync.Map
}

// form is a file of sql/ and what chooses its clauses.
type form struct {
	file  string
	shape any
}

// New makes an Inbox. now is the clock; nil is time.Now.
func New(db *postgres.DB, relay Relay, logger *slog.Logger, now func() time.Time) (*Inbox, error) {
	if now == nil {
		now = time.Now
	}
	// The templates put whole clauses together.
	parsed, err := template.ParseFS(statements, "sql/*.sql")
	if err != nil {
		return nil, fmt.Errorf("reading the statements: %w", err)
	}
	return &Inbox{db: db, relay: relay, logger: logger, now: now, statements: parsed}, nil
}

// statement is the text of a file, its clauses chosen by shape, which is comparable.
func (b *Inbox) statement(file string, shape any) (string, error) {
	wanted := form{file, shape}
	if known, ok := b.written.Load(wanted); ok {
		return known.(string), nil //nolint:forcetypeassert // nothing else is stored
	}
	var text strings.Builder
	if err := b.statements.ExecuteTemplate(&text, file, shape); err != nil {
		return "", fmt.Errorf("writing %s: %w", file, err)
	}
	b.written.Store(wanted, text.String())
	return text.String(), nil
}

// flush lets the caller read its own write. What is committed is published sooner or later whatever happens here, so
// that an answer never turns into a refusal after the fact.
func (b *Inbox) flush(ctx context.Context) {
	if err := b.relay.Flush(ctx); err != nil {
		b.logger.WarnContext(ctx, "publishing after a commit is delayed", slog.Any("err", err))
	}
}
