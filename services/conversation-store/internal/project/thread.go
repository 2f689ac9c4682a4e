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
	"github.com/galaxyco-ai/conversations/pkg/conversation"
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

// messageID is a Message-ID in a workspace.
type messageID struct {
	workspace uuid.UUID
	text      string
}

// ancestor is a Message-ID that is known of a conversation: of a message in it (seen), or only from the References of one.
type ancestor struct {
	conversation uuid.UUID
	isSeen       bool
}

// participant is an address seen in a conversation.
type participant struct {
	conversation record.Key
	address      string
}

// threads is what is known of the conversations that the e-mails of a batch may belong to.
type threads struct {
	existing     map[record.Key]struct{}
	byID         map[messageID]ancestor
	participants map[participant]struct{}
}

// thread finds the conversation of each e-mail from a customer: the one its reply token names, else the one of the
// nearest message it refers to, else that of its peer. Never by subject.
//
// Who answers a conversation without having been seen in it got the mail from somebody else. An answer of ours would go
// to the wrong person, so the stranger gets a conversation of their own, linked to that one. Two exceptions: what a
// program wrote (a bounce comes from a mailer nobody wrote to), and siblings: answers to a message that we never saw.
func (w *work) thread(ctx context.Context, tx postgres.ChangeTx) error {
	var letters []*message
	for _, m := range w.messages {
		if m.direction == inbound && m.kind == channel.Email && !m.isThreaded {
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
		known.place(m)
		m.isPostponed = m.isPostponed && !w.isReplay
		if !m.isPostponed {
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
	var tokenSenders, named, namedSenders []string
	for _, m := range letters {
		if m.hasToken {
			tokenWorkspaces, tokens = append(tokenWorkspaces, m.workspace.UUID()), append(tokens, m.token)
			tokenSenders = append(tokenSenders, m.from)
		}
		for _, id := range append(m.ancestors(), m.emailID) {
			if id != "" {
				namedWorkspaces, named = append(namedWorkspaces, m.workspace.UUID()), append(named, id)
				namedSenders = append(namedSenders, m.from)
			}
		}
	}
	known := &threads{
		existing: map[record.Key]struct{}{}, byID: map[messageID]ancestor{}, participants: map[participant]struct{}{},
	}
	rows, err := tx.Query(ctx, selectThreads, tokenWorkspaces, tokens, tokenSenders, namedWorkspaces, named, namedSenders)
	if err != nil {
		return nil, fmt.Errorf("reading threads: %w", err)
	}
	var key record.Key
	var emailID, sender string
	var isSeen, takesPart bool
	_, err = pgx.ForEachRow(rows, []any{&key.Workspace, &emailID, &key.ID, &isSeen, &sender, &takesPart}, func() error {
		if emailID == "" {
			known.existing[key] = struct{}{}
		} else {
			known.byID[messageID{key.Workspace, emailID}] = ancestor{key.ID, isSeen}
		}
		if takesPart {
			known.participants[participant{key, sender}] = struct{}{}
		}
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

// place gives an e-mail its conversation.
func (t *threads) place(m *message) {
	found, isSibling, ok := t.find(m)
	switch {
	case !ok:
		m.conversation = m.derived
		m.isPostponed = m.hasToken && m.token != m.derived && m.source.Deliveries() <= tokenTries
	case isSibling || m.automatic || t.takesPart(found, m):
		m.conversation = found
	default:
		m.conversation, m.linked = m.strangersConversation(found), &found
	}
}

// find is the conversation an e-mail answers; a sibling answers a message that we never saw.
func (t *threads) find(m *message) (found uuid.UUID, isSibling, ok bool) {
	if m.hasToken {
		if _, exists := t.existing[record.Key{Workspace: m.workspace.UUID(), ID: m.token}]; exists {
			return m.token, false, true
		}
	}
	for _, id := range m.ancestors() {
		if known, exists := t.byID[messageID{m.workspace.UUID(), id}]; exists {
			return known.conversation, !known.isSeen, true
		}
	}
	// The message that others referred to before it came.
	if own, exists := t.byID[messageID{m.workspace.UUID(), m.emailID}]; exists && t.takesPart(own.conversation, m) {
		return own.conversation, true, true
	}
	return uuid.Nil, false, false
}

func (t *threads) takesPart(in uuid.UUID, m *message) bool {
	_, ok := t.participants[participant{record.Key{Workspace: m.workspace.UUID(), ID: in}, m.from}]
	return ok
}

// strangersConversation is the id of a stranger's conversation beside another: the same for each of their answers.
func (m *message) strangersConversation(beside uuid.UUID) uuid.UUID {
	return parsed(conversation.DeriveID(m.workspace, m.kind, m.account.String(), m.from+"\x00"+beside.String()))
}

// learn lets a later e-mail of the same batch refer to this one.
func (t *threads) learn(m *message) {
	t.existing[m.thread()] = struct{}{}
	for _, address := range m.participants() {
		t.participants[participant{m.thread(), address}] = struct{}{}
	}
	if m.emailID != "" {
		key := messageID{m.workspace.UUID(), m.emailID}
		if held, ok := t.byID[key]; !ok || !held.isSeen {
			t.byID[key] = ancestor{m.conversation, true}
		}
	}
	for _, id := range m.ancestors() {
		key := messageID{m.workspace.UUID(), id}
		if _, ok := t.byID[key]; !ok {
			t.byID[key] = ancestor{m.conversation, false}
		}
	}
}

// participants are the addresses an e-mail shows to take part. A program that answers for somebody takes no part.
func (m *message) participants() []string {
	parties := slices.Concat(m.cc, m.bcc)
	switch {
	case m.direction == outbound:
		parties = append(parties, m.to)
	case !m.automatic:
		parties = append(parties, m.from)
	}
	return slices.DeleteFunc(parties, func(address string) bool { return address == "" || len(address) > maxIndexed })
}
