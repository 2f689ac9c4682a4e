package inbox

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// retryRow is a message as it was asked to be sent, and what became of it.
type retryRow struct {
	send        *eventv1.SendMessage
	direction   string
	status      string
	failure     *record.Failure
	attachments []record.Attachment
	template    *record.Template
	call        *record.CallRequest
	// isUnwanted tells that the address has opted out now, isOpen that the customer can be answered freely now.
	isUnwanted, isOpen bool
}

// PrepareRetry answers the request that sends a message again, as it was, its attempt counted up. It changes nothing:
// two who ask at once get the same attempt, and the sender makes it once.
//
// A message whose outcome is unknown may be with the customer already. It is sent again only because a person asks.
func (b *Inbox) PrepareRetry(
	ctx context.Context, ws workspace.ID, request *storev1.PrepareRetryRequest,
) (*storev1.PrepareRetryResponse, error) {
	row, err := one(ctx, b, ws, "message", request.GetMessageId(), "prepare_retry.sql", scanRetry)
	if err != nil {
		return nil, err
	}
	if err := row.mayRetry(); err != nil {
		return nil, err
	}
	row.send.Attempt++
	row.send.AcceptedAt = timestamppb.New(b.now().UTC().Truncate(time.Microsecond))
	for _, attachment := range row.attachments {
		row.send.Attachments = append(row.send.Attachments, attachment.Proto())
	}
	row.send.Template, row.send.Call = row.template.Proto(), row.call.Proto()
	return &storev1.PrepareRetryResponse{Send: row.send, Status: row.status}, nil
}

func (r retryRow) mayRetry() error {
	if r.direction != "outbound" {
		return refuse.Conflict("", "A message from a customer cannot be sent again.")
	}
	switch channel.Status(r.status) {
	case channel.Unknown, channel.Expired:
		return nil
	case channel.Failed, channel.Undelivered, channel.Blocked:
		if r.failure == nil || r.failure.Retryable || r.isCured() {
			return nil
		}
		return refuse.Conflict("", strings.TrimSpace("Sending it again would fail again. "+r.failure.Remedy))
	case channel.Scheduled, channel.Queued, channel.Sending:
		return refuse.Conflict("", "The message is on its way: its status is "+r.status+".")
	case channel.Sent, channel.Delivered, channel.Opened, channel.Read, channel.Clicked:
		return refuse.Conflict("", "The message has left: its status is "+r.status+".")
	case channel.Bounced, channel.Complained, channel.Canceled, channel.Received:
		return refuse.Conflict("", "A message whose status is "+r.status+" cannot be sent again.")
	default:
		return refuse.Conflict("", "A message whose status is "+r.status+" cannot be sent again.")
	}
}

// isCured tells that what stood against the message does so no more.
func (r retryRow) isCured() bool {
	switch {
	case channel.Status(r.status) != channel.Blocked:
		return false
	case r.failure.Code == channel.CodeOptedOut, r.failure.Code == channel.CodeSuppressed:
		return !r.isUnwanted
	case r.failure.Code == channel.CodeWindowClosed:
		return r.isOpen
	default:
		return false
	}
}

func scanRetry(row pgx.CollectableRow) (retryRow, error) {
	var (
		send   eventv1.SendMessage
		sender *string
		r      = retryRow{send: &send}
	)
	err := row.Scan(&send.WorkspaceId, &send.MessageId, &send.ConversationId, &send.Channel, &send.ChannelAccountId,
		&r.direction, &r.status, &send.Attempt, &r.failure, &send.Provider, &send.Mode, &send.From, &send.FromName,
		&send.To, &send.Subject, &send.Body, &send.Html, &send.ReplyTo, &send.InReplyTo, &send.References, &sender,
		&r.attachments, &send.Cc, &send.Bcc, &r.template, &r.call, &send.Automatic, &send.AnswersKeyword, &r.isUnwanted,
		&r.isOpen)
	if sender != nil {
		send.SenderId = *sender
	}
	return r, err
}
