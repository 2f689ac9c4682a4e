package hook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/media"
)

const (
	// completeTimeout bounds the fetching of what a webhook leaves out, mediaTimeout that of the files.
	completeTimeout = 5 * time.Second
	mediaTimeout    = 3 * time.Second
	// eventsTimeout is when the files of all addressees together are given up, so that the events are still published.
	eventsTimeout = 8 * time.Second
	parallelMedia = 4
	maxMedia      = 32
	maxListed     = 256
	maxReferences = 200
	maxCc         = 200
	maxAliases    = 8
	// maxText and maxHTML are how much of a body an event carries; the whole is then an attachment.
	maxText = 512 << 10
	maxHTML = 1 << 20
)

// received makes the message for one addressee.
func (h *Handler) received(ctx context.Context, src source, inbound channel.Inbound, to addressee) (*eventv1.MessageReceived, error) {
	ws, err := workspace.ParseID(to.route.GetWorkspaceId())
	if err != nil {
		return nil, fmt.Errorf("reading a route: %w", err)
	}
	account := to.route.GetChannelAccountId()
	message := &eventv1.MessageReceived{
		WorkspaceId: ws.String(), MessageId: conversation.DeriveMessageID(ws, account, inbound.ExternalID),
		ConversationId:        to.conversationID,
		ConversationFromToken: to.conversationID != "",
		Channel:               string(inbound.Kind), ChannelAccountId: account, Provider: src.endpoint.Provider,
		ExternalId: clean(inbound.ExternalID),
		From:       sentence(inbound.From), FromName: sentence(inbound.FromName), FromAliases: addresses(inbound.Aliases, maxAliases),
		To: to.route.GetAddress(), Cc: addresses(inbound.Cc, maxCc),
		Subject: cut(clean(inbound.Subject), maxSubject), Body: clean(inbound.Body), Html: clean(inbound.HTML),
		ReplyBody:      cut(clean(inbound.ReplyBody), maxText),
		EmailMessageId: sentence(inbound.EmailMessageID), InReplyTo: sentence(inbound.InReplyTo),
		References: messageIDs(inbound.References), ReplyToExternalId: sentence(inbound.ReplyToExternalID),
		Automatic:  inbound.Automatic,
		OccurredAt: timeOf(inbound.OccurredAt, src.webhook.ReceivedAt), ReceivedAt: timestamppb.New(src.webhook.ReceivedAt),
	}
	if message.GetConversationId() == "" {
		message.ConversationId = conversation.DeriveID(ws, inbound.Kind, account, message.GetFrom())
	}
	if message.Raw, err = h.raw(ctx, ws.String(), src.of(inbound.Part)); err != nil {
		return nil, err
	}
	if len(inbound.Media) > 0 {
		if message.Attachments, err = h.attachments(ctx, src, message, inbound.Media); err != nil {
			return nil, err
		}
	}
	return message, h.bound(ctx, message)
}

// receivedEvent is the event of a message.
func receivedEvent(src source, message *eventv1.MessageReceived) bus.Publishing {
	ws, _ := workspace.ParseID(message.GetWorkspaceId()) // received has read it
	return bus.Publishing{
		Subject: event.InboundSubject(ws, channel.Kind(message.GetChannel())),
		ID: strings.Join([]string{
			src.endpoint.Provider, src.endpoint.Account, message.GetExternalId(), message.GetChannelAccountId(),
		}, ":"),
		Payload: message,
	}
}

// attachments brings the files in. A file that cannot be had in time is listed without a key and with the reason: a
// message never refers to a blob that is not there, and is not held up for a file, because some providers bring a
// message only once. The raw payload keeps the file's URL. When it is our own store that does not take a file the error
// is errIncomplete: the webhook is kept whole and is to come again, and nothing of it is lost to a full disk.
func (h *Handler) attachments(
	ctx context.Context, src source, message *eventv1.MessageReceived, files []channel.Media,
) ([]*eventv1.Attachment, error) {
	ctx, cancel := context.WithDeadline(ctx, src.began.Add(eventsTimeout))
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, mediaTimeout)
	defer cancel()
	files = files[:min(len(files), maxListed)]
	attachments := make([]*eventv1.Attachment, len(files))
	group := errgroup.Group{}
	group.SetLimit(parallelMedia)
	for i, file := range files {
		if i >= maxMedia {
			attachments[i] = unfetched(message, strconv.Itoa(i), file)
			continue
		}
		group.Go(func() error {
			var err error
			attachments[i], err = h.attachment(ctx, src, message, strconv.Itoa(i), file)
			if errors.Is(err, media.ErrRefused) {
				return fmt.Errorf("keeping a file of message %s: %w: %w", message.GetExternalId(), errIncomplete, err)
			}
			return nil // the attachment says what is missing
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return attachments, nil
}

// unfetched lists a file beyond what one message may bring, so that it is not lost without a word.
func unfetched(message *eventv1.MessageReceived, name string, file channel.Media) *eventv1.Attachment {
	return &eventv1.Attachment{
		Id: attachmentID(message, name), ContentId: word(file.ContentID), ContentType: word(file.ContentType),
		Filename: media.Filename(file.Filename, word(file.ContentType)), MissingReason: media.TooMany,
	}
}

// attachment brings one file in. The error is why it is missing.
func (h *Handler) attachment(
	ctx context.Context, src source, message *eventv1.MessageReceived, name string, file channel.Media,
) (*eventv1.Attachment, error) {
	attachment := &eventv1.Attachment{
		Id: attachmentID(message, name), ContentId: word(file.ContentID), ContentType: word(file.ContentType),
	}
	offered := media.File{URL: file.URL, ContentType: file.ContentType, Filename: file.Filename, Content: file.Content}
	if authorizer, ok := src.endpoint.Connection.(channel.MediaAuthorizer); ok {
		offered.Authorize = authorizer.AuthorizeMedia
	}
	stored := h.media.Fetch(ctx, blobKey(message, attachment), offered)
	attachment.MissingReason = stored.Missing
	h.metrics.media.WithLabelValues(message.GetProvider(), orStored(stored.Missing)).Inc()
	if stored.Missing != "" {
		h.logger.WarnContext(ctx, "file of a message is not stored", slog.String("provider", message.GetProvider()),
			slog.String("workspace", message.GetWorkspaceId()), slog.String("message", message.GetMessageId()),
			slog.String("reason", stored.Missing), slog.Any("err", stored.Err))
	} else {
		attachment.BlobKey, attachment.ContentType, attachment.Size = stored.Key, stored.ContentType, stored.Size
	}
	attachment.Filename = media.Filename(file.Filename, attachment.GetContentType())
	return attachment, stored.Err
}

// bound keeps the event within what the bus takes: a longer body is cut, and the whole of it kept as an attachment.
func (h *Handler) bound(ctx context.Context, message *eventv1.MessageReceived) error {
	for _, part := range []struct {
		text              *string
		limit             int
		name, contentType string
	}{
		{&message.Body, maxText, "message.txt", "text/plain"},
		{&message.Html, maxHTML, "message.html", "text/html"},
	} {
		if len(*part.text) <= part.limit {
			continue
		}
		whole := &eventv1.Attachment{
			Id: attachmentID(message, part.name), Filename: part.name, ContentType: part.contentType,
			Size: int64(len(*part.text)),
		}
		whole.BlobKey = blobKey(message, whole)
		if err := h.media.Put(ctx, whole.GetBlobKey(), part.contentType, []byte(*part.text)); err != nil {
			return err
		}
		message.Attachments = append(message.Attachments, whole)
		*part.text = cut(*part.text, part.limit)
	}
	return nil
}

// attachmentID is the same whenever the webhook is repeated.
func attachmentID(message *eventv1.MessageReceived, name string) string {
	space, err := uuid.Parse(message.GetMessageId())
	if err != nil {
		space = uuid.Nil // message ids are derived, so they are UUIDs
	}
	return uuid.NewSHA1(space, []byte("attachment\x00"+name)).String()
}

func blobKey(message *eventv1.MessageReceived, attachment *eventv1.Attachment) string {
	return strings.Join([]string{message.GetWorkspaceId(), message.GetMessageId(), attachment.GetId()}, "/")
}

func orStored(missing string) string {
	if missing == "" {
		return "stored"
	}
	return missing
}
