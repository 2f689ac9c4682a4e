package project

import (
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// addSend reads a message a workspace wants sent. A retry is the same message with the next attempt: its row is there
// already, and its event moves it back to queued.
func (w *work) addSend(m *bus.Message) error {
	var send eventv1.SendMessage
	if err := m.Decode(&send); err != nil {
		return err
	}
	ws, kind, err := address(m, send.GetWorkspaceId(), send.GetChannel())
	if err != nil {
		return err
	}
	ids, err := parseIDs(send.GetMessageId(), send.GetConversationId(), send.GetChannelAccountId())
	if err != nil {
		return err
	}
	sender, err := optionalID(send.GetSenderId())
	if err != nil {
		return err
	}
	attempt := max(send.GetAttempt(), 1)
	rank := rankOf(channel.Queued)
	to := indexable(clean(send.GetTo()))
	accepted := timeOr(send.GetAcceptedAt(), m.Timestamp())
	row := &message{
		source: m, workspace: ws, id: ids[0], conversation: ids[1], account: ids[2],
		channel: string(kind), direction: outbound, status: string(channel.Queued), order: attempt*1000 + rank,
		attempt: attempt, provider: clean(send.GetProvider()), mode: modeOf(send.GetMode()),
		from: clean(send.GetFrom()), fromName: clean(send.GetFromName()), to: to,
		subject: clean(send.GetSubject()), body: clean(send.GetBody()), html: clean(send.GetHtml()),
		replyTo: clean(send.GetReplyTo()), inReplyTo: reference(send.GetInReplyTo()),
		references: references(send.GetReferences()), sender: sender, createdAt: accepted, peer: to,
		contact: parsed(conversation.DeriveContactID(ws, kind, to)), attachments: send.GetAttachments(),
	}
	row.snippet = snippetOf(row)
	w.see(m, ws, row.id)
	w.messages = append(w.messages, row)
	w.events = append(w.events, occurrence{
		workspace: ws, dedupeKey: "accepted/" + row.id.String() + "/" + strconv.Itoa(int(attempt)), message: &row.id,
		account: &row.account, provider: row.provider, status: row.status, rank: rank, step: "accepted", attempt: attempt,
		occurredAt: accepted,
	})
	return nil
}

func optionalID(text string) (*uuid.UUID, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no id is a good answer
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return nil, bus.Permanent(fmt.Errorf("reading id %q: %w", text, err))
	}
	return &id, nil
}
