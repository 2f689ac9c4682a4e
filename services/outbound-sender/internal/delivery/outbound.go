package delivery

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/file"
)

// errInvalid marks a request that no provider could be asked to send.
var errInvalid = errors.New("invalid send request")

// maxAddress is more than any channel's address has; a longer one would not fit into a bucket key.
const maxAddress = 512

// validate refuses what can never be sent: such a message is poisoned.
func validate(send *eventv1.SendMessage, ws workspace.ID) error {
	switch {
	case ws.IsZero():
		return fmt.Errorf("%w: its subject names no workspace", errInvalid)
	case send.GetWorkspaceId() != ws.String():
		return fmt.Errorf("%w: its workspace %q is not the one of its subject", errInvalid, send.GetWorkspaceId())
	case !isID(send.GetMessageId()):
		return fmt.Errorf("%w: its message id %q is no UUID", errInvalid, send.GetMessageId())
	case send.GetConversationId() == "":
		return fmt.Errorf("%w: it has no conversation id", errInvalid)
	case send.GetAttempt() < 1:
		return fmt.Errorf("%w: attempt %d", errInvalid, send.GetAttempt())
	}
	for _, address := range slices.Concat([]string{send.GetTo()}, send.GetCc(), send.GetBcc()) {
		if len(address) > maxAddress {
			return fmt.Errorf("%w: a recipient has %d bytes", errInvalid, len(address))
		}
	}
	kind, err := channel.ParseKind(send.GetChannel())
	if err != nil {
		return fmt.Errorf("%w: %w", errInvalid, err)
	}
	if kind == channel.Call && send.GetCall().GetAgentPhone() == "" {
		return fmt.Errorf("%w: a call that rings nobody of ours", errInvalid)
	}
	return nil
}

// isID tells that a text is the canonical text of a UUID, and so fit for a bucket key.
func isID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}

// Outbound is a request in the words of the providers; its files have no content yet. publicURL stands before the path
// of their callbacks, token after it.
func Outbound(send *eventv1.SendMessage, publicURL, token string) channel.Outbound {
	message := channel.Outbound{
		WorkspaceID: send.GetWorkspaceId(), MessageID: send.GetMessageId(), ConversationID: send.GetConversationId(),
		Kind: channel.Kind(send.GetChannel()), From: send.GetFrom(), FromName: send.GetFromName(), To: send.GetTo(),
		Subject: send.GetSubject(), Body: send.GetBody(), HTML: send.GetHtml(), Cc: send.GetCc(), Bcc: send.GetBcc(),
		ReplyTo: send.GetReplyTo(), InReplyTo: send.GetInReplyTo(), References: send.GetReferences(),
		Automatic: send.GetAutomatic(), Attempt: int(send.GetAttempt()),
	}
	for _, attachment := range send.GetAttachments() {
		message.Files = append(message.Files, file.Describe(attachment))
	}
	if template := send.GetTemplate(); template != nil {
		message.Template = &channel.TemplateUse{
			ID: template.GetId(), Language: template.GetLanguage(), Parameters: template.GetParameters(),
		}
	}
	webhook := publicURL + "/api/webhooks/" + send.GetProvider()
	if token != "" {
		webhook += "/" + token
	}
	message.StatusURL = webhook + "?" + channel.CallbackQuery(message).Encode()
	if call := send.GetCall(); call != nil {
		message.Call = &channel.OutboundCall{
			AgentPhone: call.GetAgentPhone(),
			AnswerURL: channel.CallURL(webhook, message, channel.CallAnswered, url.Values{ // whoever answers has nothing else
				channel.CallQueryTo: {send.GetTo()}, channel.CallQueryRecord: {strconv.FormatBool(call.GetRecord())},
			}),
		}
	}
	return message
}
