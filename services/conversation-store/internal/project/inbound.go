package project

import (
	"time"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// addInbound reads a message from a customer.
func (w *work) addInbound(m *bus.Message) error {
	var received eventv1.MessageReceived
	if err := m.Decode(&received); err != nil {
		return err
	}
	ws, kind, err := address(m, received.GetWorkspaceId(), received.GetChannel())
	if err != nil {
		return err
	}
	ids, err := parseIDs(received.GetMessageId(), received.GetConversationId(), received.GetChannelAccountId())
	if err != nil {
		return err
	}
	rank := rankOf(channel.Received)
	from := indexable(clean(received.GetFrom()))
	row := &message{
		source: m, workspace: ws, id: ids[0], conversation: ids[1], account: ids[2],
		channel: string(kind), direction: inbound, status: string(channel.Received), order: 1000 + rank, attempt: 1,
		provider: clean(received.GetProvider()), mode: modeOf(""), externalID: optional(indexable(clean(received.GetExternalId()))),
		from: from, fromName: clean(received.GetFromName()), to: clean(received.GetTo()),
		subject: clean(received.GetSubject()), body: clean(received.GetBody()), html: clean(received.GetHtml()),
		emailID: reference(received.GetEmailMessageId()), inReplyTo: reference(received.GetInReplyTo()),
		references: references(received.GetReferences()), createdAt: writtenAt(m, &received), peer: from,
		peerName: clean(received.GetFromName()), contact: parsed(conversation.DeriveContactID(ws, kind, from)),
		attachments: received.GetAttachments(), hasToken: received.GetConversationFromToken(), token: ids[1],
	}
	if row.hasToken {
		row.derived = parsed(conversation.DeriveID(ws, kind, received.GetChannelAccountId(), from))
	} else {
		row.derived = row.conversation
	}
	row.snippet = snippetOf(row)
	w.see(m, ws, row.id)
	w.messages = append(w.messages, row)
	w.events = append(w.events, occurrence{
		workspace: ws, dedupeKey: "received/" + row.id.String(), message: &row.id, account: &row.account,
		provider: row.provider, status: row.status, rank: rank, step: "received", attempt: 1,
		occurredAt: timeOr(received.GetReceivedAt(), m.Timestamp()),
	})
	w.keepRaw(ws, "message", row.id.String(), received.GetRaw(), m.Timestamp())
	return nil
}

// writtenAt is when the customer wrote, but never later than it arrived: a clock that is ahead would pin the
// conversation to the top of the list.
func writtenAt(m *bus.Message, received *eventv1.MessageReceived) time.Time {
	arrived := timeOr(received.GetReceivedAt(), m.Timestamp())
	written := timeOr(received.GetOccurredAt(), arrived)
	if written.After(arrived) {
		return arrived
	}
	return written
}
