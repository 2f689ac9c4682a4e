package meta

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Send implements channel.Sender. Our ids ride in biz_opaque_callback_data, which every status of the message repeats.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	from, failed := c.phoneID(ctx, cmp.Or(outbound.From, c.number))
	if failed != nil {
		return channel.Accepted{}, failed
	}
	message, failed := c.message(ctx, from, outbound)
	if failed != nil {
		return channel.Accepted{}, failed
	}
	answer, failed := c.post(ctx, message, from, "messages")
	if failed != nil {
		return channel.Accepted{}, failed
	}
	if !answer.OK() {
		return channel.Accepted{}, c.refusal(answer)
	}
	var taken struct {
		Messages []struct {
			ID     string `json:"id"`
			Status string `json:"message_status"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(answer.Body, &taken); err != nil || len(taken.Messages) == 0 || taken.Messages[0].ID == "" {
		return channel.Accepted{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	return channel.Accepted{
		ExternalID: taken.Messages[0].ID, Status: channel.Queued, ProviderStatus: cmp.Or(taken.Messages[0].Status, "accepted"),
	}, nil
}

// message is the body of a send.
func (c *connection) message(ctx context.Context, from string, outbound channel.Outbound) (map[string]any, *channel.Error) {
	message := map[string]any{
		"messaging_product": "whatsapp", "recipient_type": "individual",
		"biz_opaque_callback_data": channel.CallbackQuery(outbound).Encode(),
	}
	if strings.HasPrefix(outbound.To, "+") {
		message["to"] = outbound.To
	} else {
		message["recipient"] = outbound.To // a business-scoped id
	}
	if strings.HasPrefix(outbound.InReplyTo, "wamid.") {
		message["context"] = map[string]string{"message_id": outbound.InReplyTo}
	}
	kind, content, failed := c.content(ctx, from, outbound)
	message["type"], message[kind] = kind, content
	return message, failed
}

// content is what is sent, and of which kind it is.
func (c *connection) content(ctx context.Context, from string, outbound channel.Outbound) (string, any, *channel.Error) {
	switch {
	case outbound.Template != nil:
		return "template", templateOf(*outbound.Template), nil
	case len(outbound.Files) == 0:
		return "text", map[string]any{"body": outbound.Body, "preview_url": true}, nil
	case len(outbound.Files) > 1:
		return "text", nil, refuseFile("WhatsApp takes one file in a message.", "Send each file in a message of its own.")
	default:
		return c.file(ctx, from, outbound.Files[0], outbound.Body)
	}
}

func refuseFile(message, remedy string) *channel.Error {
	return &channel.Error{Class: channel.Permanent, Code: channel.CodeFileRefused, Message: message, Remedy: remedy}
}
