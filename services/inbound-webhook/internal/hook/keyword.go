package hook

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/consent"
)

// keyword acts on a message that is a word of command: what the customer wants is written down before the provider is
// answered, and confirmed once where the provider does not do that itself. A program is never answered.
func (h *Handler) keyword(
	ctx context.Context, src source, inbound channel.Inbound, to addressee, message *eventv1.MessageReceived,
) ([]bus.Publishing, error) {
	said := keywordOf(inbound)
	if said == channel.NoKeyword {
		return nil, nil
	}
	message.Keyword = string(said)
	ws, err := workspace.ParseID(message.GetWorkspaceId())
	if err != nil {
		return nil, fmt.Errorf("reading a route: %w", err)
	}
	word := consent.Said{
		Workspace: ws, MessageID: message.GetMessageId(), Kind: inbound.Kind, Keyword: said,
		Addresses: append([]string{message.GetFrom()}, message.GetFromAliases()...),
	}
	if word.At, err = h.saidAt(ctx, src, inbound, word); err != nil {
		return nil, err
	}
	heard, err := h.consents.Hear(ctx, word)
	if err != nil {
		return nil, err
	}
	message.OccurredAt = timestamppb.New(heard.At)
	byProvider := inbound.OptOut != "" || slices.Contains(src.description.AnswersKeywords, inbound.Kind)
	if inbound.Automatic || byProvider || said != channel.HelpKeyword && !heard.Changed {
		return nil, nil
	}
	return []bus.Publishing{answerTo(said, ws, to, message)}, nil
}

// keywordOf is the command that a message is: the provider's word for it comes before our own reading.
func keywordOf(inbound channel.Inbound) channel.Keyword {
	if inbound.Kind != channel.SMS && inbound.Kind != channel.WhatsApp {
		return channel.NoKeyword
	}
	return cmp.Or(channel.ParseKeyword(inbound.OptOut), channel.ParseKeyword(inbound.Body))
}

// answerTo is a message like any other, but for its id: that of the message it answers makes it.
func answerTo(said channel.Keyword, ws workspace.ID, to addressee, message *eventv1.MessageReceived) bus.Publishing {
	answer := &eventv1.SendMessage{
		WorkspaceId: ws.String(), MessageId: consent.AnswerID(message.GetMessageId()),
		ConversationId: message.GetConversationId(), Channel: message.GetChannel(),
		ChannelAccountId: message.GetChannelAccountId(), Provider: to.route.GetProvider(), Mode: to.route.GetMode(),
		From: to.route.GetAddress(), To: message.GetFrom(),
		Body: consent.Answer(said, cmp.Or(to.route.GetDisplayName(), to.route.GetAddress())),
		// A moment later, so that it stands behind what it answers.
		AcceptedAt: timestamppb.New(message.GetOccurredAt().AsTime().Add(time.Millisecond)), Attempt: 1, Automatic: true, AnswersKeyword: true,
	}
	return bus.Publishing{
		Subject: event.SendSubject(ws, channel.Kind(answer.GetChannel())), ID: answer.GetMessageId(), Payload: answer,
	}
}
