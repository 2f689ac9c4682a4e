package project

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

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

// announce writes the facts of what changed: the conversations first, then their messages in the order they came.
func (w *work) announce(ctx context.Context, tx postgres.ChangeTx, done *changes) error {
	if w.isQuiet {
		return nil
	}
	done.told.messages = append(done.told.messages, w.known(done)...)
	changed, err := done.rows(ctx, tx, sorted(done.conversations), w.changedMessages(done))
	if err != nil {
		return err
	}
	told := done.facts(changed)
	facts := make([]outbox.Fact, 0, len(told))
	trace := outbox.TraceOf(ctx)
	for _, fact := range told {
		facts = append(facts, outbox.Fact{Change: fact.change, Trace: cmp.Or(w.traces[fact.about], trace)})
	}
	return outbox.Tell(tx, facts)
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
		_, isNew := done.created[key]
		_, state := done.states[key]
		if (isNew || state) && !listed[key] {
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
	_, isNew := c.created[key]
	if isNew {
		if m.Direction == inbound {
			return []string{"received"}
		}
		verbs = append(verbs, "created")
	}
	moved, state := c.states[key]
	switch {
	case moved:
		verbs = append(verbs, m.Status)
	case state && !isNew:
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
