package project

import (
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/consent"
)

// addInbound reads a message or a call from a customer.
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
	from := indexable(clean(received.GetFrom()))
	row := &message{
		source: m, workspace: ws, id: ids[0], conversation: ids[1], account: ids[2],
		kind: kind, direction: inbound, status: string(channel.Received), attempt: 1,
		provider: clean(received.GetProvider()), mode: modeOf(""), externalID: optional(indexable(clean(received.GetExternalId()))),
		from: from, fromName: clean(received.GetFromName()), to: clean(received.GetTo()), cc: addresses(received.GetCc()),
		subject: clean(received.GetSubject()), body: clean(received.GetBody()), html: clean(received.GetHtml()),
		emailID: reference(received.GetEmailMessageId()), inReplyTo: reference(received.GetInReplyTo()),
		references: references(received.GetReferences()), replyToExternalID: indexable(clean(received.GetReplyToExternalId())),
		automatic: received.GetAutomatic(), createdAt: writtenAt(m, &received), peer: from,
		peerName: clean(received.GetFromName()), contact: parsed(conversation.DeriveContactID(ws, kind, from)),
		aliases: aliasesOf(from, received.GetFromAliases()), attachments: received.GetAttachments(),
		hasToken: received.GetConversationFromToken(), token: ids[1],
	}
	if fault.Broken(fault.DedupeRemoved) {
		row.id, row.externalID = uuid.New(), nil
	}
	row.derived = row.conversation
	if row.hasToken {
		row.derived = parsed(conversation.DeriveID(ws, kind, received.GetChannelAccountId(), from))
	}
	row.replyBody = replyBodyOf(row, clean(received.GetReplyBody()))
	if length := w.windows(row.provider, kind); length > 0 {
		end := row.createdAt.Add(length)
		row.hasWindow, row.windowEnd = true, &end
	}
	row.snippet = snippetOf(row)
	w.see(m, ws, row.id)
	w.messages = append(w.messages, row)
	w.receive(row, &received)
	return nil
}

// receive notes that the message arrived, what it says of a call, and what the customer wants from now on.
func (w *work) receive(row *message, received *eventv1.MessageReceived) {
	rank := rankOf(channel.Received)
	row.order = 1000 + rank
	told := occurrence{
		workspace: row.workspace, dedupeKey: "received/" + row.id.String(), message: &row.id, account: &row.account,
		provider: row.provider, status: row.status, rank: rank, step: "received", attempt: 1,
		occurredAt: timeOr(received.GetReceivedAt(), row.source.Timestamp()),
	}
	if row.kind == channel.Call {
		w.hasCalls = true
		told.externalID = row.externalID // later news may name the call by it alone
		told.call = callOf(received.GetCall())
	}
	w.events = append(w.events, told)
	w.keepRaw(row.workspace, "message", row.id.String(), received.GetRaw(), row.source.Timestamp())
	w.heed(row, received)
}

// heed takes a customer who says STOP or START at their word, on every address they write from. The time is that of the
// bucket, where whoever received the message has written the word already.
func (w *work) heed(row *message, received *eventv1.MessageReceived) {
	states := map[channel.Keyword]string{
		channel.StopKeyword: channel.OptedOutState, channel.StartKeyword: channel.OptedInState,
	}
	state, isCommand := states[channel.Keyword(received.GetKeyword())]
	if !isCommand || (row.kind != channel.SMS && row.kind != channel.WhatsApp) {
		return
	}
	for _, address := range append([]string{row.from}, row.aliases...) {
		w.consents = append(w.consents, consent.Change{
			Workspace: row.workspace, Channel: row.kind, Address: address, State: state, Source: channel.SourceKeyword,
			Reason: "The customer wrote “" + cut(line(row.body), maxQuoted) + "”.", Message: &row.id,
			ChangedAt: timeOr(received.GetOccurredAt(), row.createdAt),
		})
	}
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
