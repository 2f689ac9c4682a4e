package project

import (
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
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
	to := indexable(clean(send.GetTo()))
	row := &message{
		source: m, workspace: ws, id: ids[0], conversation: ids[1], account: ids[2],
		kind: kind, direction: outbound, status: string(channel.Queued), attempt: max(send.GetAttempt(), 1),
		provider: clean(send.GetProvider()), mode: modeOf(send.GetMode()),
		from: clean(send.GetFrom()), fromName: clean(send.GetFromName()), to: to,
		cc: addresses(send.GetCc()), bcc: addresses(send.GetBcc()),
		subject: clean(send.GetSubject()), body: clean(send.GetBody()), html: clean(send.GetHtml()),
		replyTo: clean(send.GetReplyTo()), inReplyTo: reference(send.GetInReplyTo()),
		references: references(send.GetReferences()), sender: sender, createdAt: timeOr(send.GetAcceptedAt(), m.Timestamp()),
		peer: to, contact: parsed(conversation.DeriveContactID(ws, kind, to)), attachments: send.GetAttachments(),
		automatic: send.GetAutomatic(), answersKeyword: send.GetAnswersKeyword(),
		template: templateOf(send.GetTemplate()), callRequest: callRequestOf(send.GetCall()),
		hasWindow: w.windows(send.GetProvider(), kind) > 0,
	}
	row.snippet = snippetOf(row)
	w.see(m, ws, row.id)
	w.messages = append(w.messages, row)
	w.accept(row, send.GetCall())
	w.meter(row, send.GetReservation())
	return nil
}

// accept notes that the message was taken to be sent: the first event of an attempt.
func (w *work) accept(row *message, request *eventv1.CallRequest) {
	rank := rankOf(channel.Queued)
	row.order = row.attempt*1000 + rank
	told := occurrence{
		workspace: row.workspace, dedupeKey: "accepted/" + row.id.String() + "/" + strconv.Itoa(int(row.attempt)),
		message: &row.id, account: &row.account, provider: row.provider, status: row.status, rank: rank, step: "accepted",
		attempt: row.attempt, occurredAt: row.createdAt,
	}
	if row.kind == channel.Call {
		w.hasCalls = true
		told.call = encoded(record.Call{AgentID: clean(request.GetAgentId())})
	}
	w.events = append(w.events, told)
}

func templateOf(template *eventv1.Template) *string {
	if template == nil {
		return nil
	}
	parameters := make(map[string]string, len(template.GetParameters()))
	for name, value := range template.GetParameters() {
		parameters[clean(name)] = clean(value)
	}
	return encoded(record.Template{
		ID: clean(template.GetId()), Language: clean(template.GetLanguage()), Parameters: parameters,
	})
}

func callRequestOf(request *eventv1.CallRequest) *string {
	if request == nil {
		return nil
	}
	return encoded(record.CallRequest{
		AgentID: clean(request.GetAgentId()), AgentPhone: clean(request.GetAgentPhone()), Record: request.GetRecord(),
		Announcement: clean(request.GetAnnouncement()),
	})
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
