package project

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

// Entities of CHANGE facts.
const (
	entityConversation = "conversation"
	entityMessage      = "message"
)

const (
	// maxFact is the size of a fact beyond which it leaves out the text of its message; who needs it asks for it.
	maxFact = 1 << 20
	// keptText is how much of the text such a fact keeps.
	keptText = 16 << 10
)

// rows are conversations and messages as they are after the batch.
type rows struct {
	conversations []record.Conversation
	messages      []record.Message
}

// queueTold reads the rows the facts will be about in the round trip that writes them.
func (w *work) queueTold(batch *pgx.Batch, done *changes) {
	if w.isQuiet || w.hasCalls || len(w.consents) > 0 {
		return // they change once more
	}
	threads, messages := map[record.Key]bool{}, map[record.Key]bool{}
	for _, m := range w.messages {
		threads[m.thread()], messages[m.key()] = true, true
	}
	for _, o := range w.events {
		if o.message != nil && o.moves() {
			messages[record.Key{Workspace: o.workspace.UUID(), ID: *o.message}] = true
		}
	}
	record.QueueConversations(batch, sorted(threads), &done.told.conversations)
	record.QueueMessages(batch, sorted(messages), &done.told.messages)
}

// announce writes the facts of what changed: the conversations first, then their messages in the order they came.
func (w *work) announce(ctx context.Context, tx postgres.ChangeTx, done *changes) error {
	if w.isQuiet {
		return nil
	}
	changed, err := done.rows(ctx, tx, sorted(done.conversations), w.changedMessages(done))
	if err != nil {
		return err
	}
	var entries []outbox.Entry
	for _, fact := range done.facts(changed) {
		entry, err := outbox.ChangeEntry(ctx, fact.change)
		if err != nil {
			return err
		}
		if trace, ok := w.traces[fact.about]; ok {
			entry.Trace = trace
		}
		entries = append(entries, entry)
	}
	outbox.Write(tx, entries)
	return nil
}

// rows are those of the keys, in their order; what was not read yet is read now.
func (c *changes) rows(ctx context.Context, tx postgres.ChangeTx, conversations, messages []record.Key) (rows, error) {
	if len(c.refusals) > 0 || len(c.united) > 0 {
		c.told = rows{} // they changed once more
	}
	heldConversations := byKey(c.told.conversations, keyOfConversation)
	heldMessages := byKey(c.told.messages, keyOfMessage)
	var late rows
	var batch pgx.Batch
	record.QueueConversations(&batch, missing(conversations, heldConversations), &late.conversations)
	record.QueueMessages(&batch, missing(messages, heldMessages), &late.messages)
	if batch.Len() > 0 {
		if err := tx.Send(ctx, &batch); err != nil {
			return rows{}, fmt.Errorf("reading what changed: %w", err)
		}
		maps.Copy(heldConversations, byKey(late.conversations, keyOfConversation))
		maps.Copy(heldMessages, byKey(late.messages, keyOfMessage))
	}
	return rows{ordered(conversations, heldConversations), ordered(messages, heldMessages)}, nil
}

func keyOfConversation(c *record.Conversation) record.Key {
	return record.Key{Workspace: c.WorkspaceID, ID: c.ID}
}

func keyOfMessage(m *record.Message) record.Key {
	return record.Key{Workspace: m.WorkspaceID, ID: m.ID}
}

func byKey[T any](items []T, key func(*T) record.Key) map[record.Key]*T {
	held := make(map[record.Key]*T, len(items))
	for i := range items {
		held[key(&items[i])] = &items[i]
	}
	return held
}

func missing[T any](keys []record.Key, held map[record.Key]*T) []record.Key {
	var lacking []record.Key
	for _, key := range keys {
		if held[key] == nil {
			lacking = append(lacking, key)
		}
	}
	return lacking
}

func ordered[T any](keys []record.Key, held map[record.Key]*T) []T {
	found := make([]T, 0, len(keys))
	for _, key := range keys {
		if item := held[key]; item != nil {
			found = append(found, *item)
		}
	}
	return found
}

// fact is a CHANGE and the row it is about.
type fact struct {
	change *eventv1.Change
	about  record.Key
}

func (c *changes) facts(changed rows) []fact {
	facts := make([]fact, 0, len(changed.conversations)+len(changed.messages))
	for _, row := range changed.conversations {
		key := record.Key{Workspace: row.WorkspaceID, ID: row.ID}
		verb := "updated"
		if c.conversations[key] {
			verb = "created"
		}
		facts = append(facts, fact{conversationFact(row, verb), key})
	}
	for _, row := range changed.messages {
		key := record.Key{Workspace: row.WorkspaceID, ID: row.ID}
		for _, verb := range c.verbs(key, row) {
			facts = append(facts, fact{messageFact(row, verb), key})
		}
	}
	return facts
}

// changedMessages lists what changed, each once, in the order of the batch.
func (w *work) changedMessages(done *changes) []record.Key {
	var keys []record.Key
	listed := map[record.Key]bool{}
	add := func(key record.Key) {
		_, state := done.states[key]
		if (done.created[key] || state) && !listed[key] {
			listed[key] = true
			keys = append(keys, key)
		}
	}
	for _, m := range w.messages {
		add(m.key())
	}
	for _, o := range w.events {
		if o.message != nil {
			add(record.Key{Workspace: o.workspace.UUID(), ID: *o.message})
		}
	}
	for _, key := range sorted(done.states) { // named by the provider's id alone
		add(key)
	}
	return keys
}

// verbs are the facts about a message: that it is there, and into which state it came.
func (c *changes) verbs(key record.Key, m record.Message) []string {
	var verbs []string
	if c.created[key] {
		if m.Direction == inbound {
			return []string{"received"}
		}
		verbs = append(verbs, "created")
	}
	moved, state := c.states[key]
	switch {
	case moved:
		verbs = append(verbs, m.Status)
	case state && !c.created[key]:
		verbs = append(verbs, "updated")
	}
	return verbs
}

func conversationFact(c record.Conversation, verb string) *eventv1.Change {
	return &eventv1.Change{
		WorkspaceId: c.WorkspaceID.String(), Entity: entityConversation, Verb: verb, EntityId: c.ID.String(),
		OccurredAt: timestamppb.New(latest(c.CreatedAt, c.UpdatedAt)),
		Data:       &eventv1.Change_Conversation{Conversation: c.Proto()},
	}
}

func messageFact(m record.Message, verb string) *eventv1.Change {
	message := m.Proto()
	if proto.Size(message) > maxFact {
		message.Html = ""
		message.Body = clean(message.GetBody()[:min(len(message.GetBody()), keptText)])
		message.ReplyBody = clean(message.GetReplyBody()[:min(len(message.GetReplyBody()), keptText)])
	}
	return &eventv1.Change{
		WorkspaceId: m.WorkspaceID.String(), Entity: entityMessage, Verb: verb, EntityId: m.ID.String(),
		OccurredAt: timestamppb.New(latest(m.CreatedAt, m.UpdatedAt)), Data: &eventv1.Change_Message{Message: message},
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func sorted(keys map[record.Key]bool) []record.Key {
	return slices.SortedFunc(maps.Keys(keys), func(a, b record.Key) int {
		return cmp.Or(slices.Compare(a.Workspace[:], b.Workspace[:]), slices.Compare(a.ID[:], b.ID[:]))
	})
}
