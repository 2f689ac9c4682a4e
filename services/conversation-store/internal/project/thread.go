package project

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

const (
	// tokenTries is how often an e-mail waits for the conversation its reply token names: when the store catches up,
	// INBOUND may be ahead of SEND.
	tokenTries = 3
	tokenWait  = 2 * time.Second
)

//go:embed sql/threads.sql
var selectThreads string

// reference of a thread: a Message-ID in a workspace.
type messageID struct {
	workspace uuid.UUID
	text      string
}

// threads is what is known of the conversations that the e-mails of a batch may belong to.
type threads struct {
	existing map[record.Key]struct{}
	byID     map[messageID]uuid.UUID
}

// thread finds the conversation of each e-mail: the one its reply token names, else the one of the nearest message it
// refers to, else that of its peer. Never by subject.
func (w *work) thread(ctx context.Context, tx postgres.ChangeTx) error {
	var letters []*message
	for _, m := range w.messages {
		if m.direction == inbound && m.channel == string(channel.Email) && !m.isThreaded {
			letters = append(letters, m)
		}
	}
	if len(letters) == 0 {
		return nil
	}
	known, err := readThreads(ctx, tx, letters)
	if err != nil {
		return err
	}
	for _, m := range letters {
		if id, ok := known.find(m); ok {
			m.conversation = id
		} else {
			m.conversation = m.derived
			m.isPostponed = m.hasToken && m.token != m.derived && m.source.Deliveries() <= tokenTries
		}
		if m.emailID != "" && !m.isPostponed {
			known.learn(m)
		}
	}
	w.setAside()
	return nil
}

// setAside takes the e-mails out of the work that wait for their conversation.
func (w *work) setAside() {
	w.late = w.late[:0]
	for _, m := range w.messages {
		if m.isPostponed {
			w.late = append(w.late, m)
		}
	}
	if len(w.late) == 0 {
		return
	}
	waits := make(map[uuid.UUID]bool, len(w.late))
	for _, m := range w.late {
		waits[m.id] = true
	}
	w.messages = slices.DeleteFunc(w.messages, func(m *message) bool { return waits[m.id] })
	w.events = slices.DeleteFunc(w.events, func(o occurrence) bool { return waits[*o.message] })
	w.raws = slices.DeleteFunc(w.raws, func(r rawPayload) bool { return waits[parsed(r.reference)] })
}

// postpone gives the e-mails back that wait.
func (w *work) postpone() error {
	var failed error
	for _, m := range w.late {
		failed = errors.Join(failed, m.source.Retry(tokenWait))
	}
	return failed
}

func readThreads(ctx context.Context, tx postgres.ChangeTx, letters []*message) (*threads, error) {
	var tokenWorkspaces, tokens, namedWorkspaces []uuid.UUID
	var named []string
	for _, m := range letters {
		if m.hasToken {
			tokenWorkspaces, tokens = append(tokenWorkspaces, m.workspace.UUID()), append(tokens, m.token)
		}
		for _, id := range m.ancestors() {
			namedWorkspaces, named = append(namedWorkspaces, m.workspace.UUID()), append(named, id)
		}
	}
	known := &threads{existing: map[record.Key]struct{}{}, byID: map[messageID]uuid.UUID{}}
	rows, err := tx.Query(ctx, selectThreads, tokenWorkspaces, tokens, namedWorkspaces, named)
	if err != nil {
		return nil, fmt.Errorf("reading threads: %w", err)
	}
	var ws, conversationID uuid.UUID
	var emailID string
	_, err = pgx.ForEachRow(rows, []any{&ws, &emailID, &conversationID}, func() error {
		if emailID == "" {
			known.existing[record.Key{Workspace: ws, ID: conversationID}] = struct{}{}
			return nil
		}
		known.byID[messageID{ws, emailID}] = conversationID
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading threads: %w", err)
	}
	return known, nil
}

// ancestors are the messages an e-mail refers to, the nearest first.
func (m *message) ancestors() []string {
	nearest := slices.Clone(m.references)
	slices.Reverse(nearest)
	if m.inReplyTo == "" {
		return nearest
	}
	return append([]string{m.inReplyTo}, nearest...)
}

func (t *threads) find(m *message) (uuid.UUID, bool) {
	if m.hasToken {
		if _, ok := t.existing[record.Key{Workspace: m.workspace.UUID(), ID: m.token}]; ok {
			return m.token, true
		}
	}
	for _, id := range m.ancestors() {
		if found, ok := t.byID[messageID{m.workspace.UUID(), id}]; ok {
			return found, true
		}
	}
	return uuid.Nil, false
}

// learn lets a later e-mail of the same batch refer to this one.
func (t *threads) learn(m *message) {
	key := messageID{m.workspace.UUID(), m.emailID}
	if _, ok := t.byID[key]; !ok {
		t.byID[key] = m.conversation
	}
	t.existing[record.Key{Workspace: key.workspace, ID: m.conversation}] = struct{}{}
}
