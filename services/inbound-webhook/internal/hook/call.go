package hook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/call"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/media"
)

const (
	// recordingTimeout bounds the fetching of a recording: nobody waits for it on the phone.
	recordingTimeout = 8 * time.Second
	// askTimeout bounds the search for an address that our copy does not know, while somebody waits on the phone.
	askTimeout = time.Second
	// maxTranscript is how much of what was said an event carries.
	maxTranscript = 256 << 10
	// anonymous stands for a caller who does not show a number.
	anonymous = "anonymous"
)

// call makes the event of what a webhook tells of a call, and the reply when it asks what to do. It returns
// errUnknownAddress, with a reply that ends the call.
func (h *Handler) call(ctx context.Context, src source, told channel.CallEvent) ([]bus.Publishing, *channel.Reply, error) {
	if !canBeOurs(told.WorkspaceID, told.MessageID) {
		told.WorkspaceID, told.MessageID, told.Attempt = "", "", 0
	}
	if told.OccurredAt.IsZero() {
		told.OccurredAt = src.webhook.ReceivedAt
	}
	c, err := h.callOf(ctx, src, told)
	if errors.Is(err, errUnknownAddress) {
		return nil, h.instructed(ctx, src, told, call.Refuse(told.Step)), err
	}
	if err != nil {
		return nil, nil, err
	}
	reply := h.instructed(ctx, src, told, h.calls.Instruct(c, told))
	if c.Inbound && told.Step == channel.CallIncoming {
		publishing, err := h.incoming(ctx, src, c, told)
		return []bus.Publishing{publishing}, reply, err
	}
	publishing, err := h.callNews(ctx, src, c, told)
	return []bus.Publishing{publishing}, reply, err
}

// callOf finds the message of a call. Without an id of ours a customer's call is known by the provider's id, and so is
// a call of ours, by the store.
func (h *Handler) callOf(ctx context.Context, src source, told channel.CallEvent) (call.Call, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	c := call.Call{Token: src.endpoint.token, MessageID: told.MessageID, Inbound: told.Attempt == 0, Attempt: told.Attempt}
	if told.MessageID == "" {
		c.Inbound = told.Step == channel.CallIncoming || told.Direction == "inbound"
	}
	ours := told.From
	if c.Inbound && told.ParentID == "" {
		ours = told.To
	}
	route, known, err := h.router.ofReceipt(ctx, src.endpoint, channel.Receipt{
		Kind: channel.Call, Account: told.Account, From: ours, WorkspaceID: told.WorkspaceID,
	})
	if err != nil {
		return call.Call{}, fmt.Errorf("asking for the address of call %s: %w", told.ExternalID, err)
	}
	if !known {
		return call.Call{}, fmt.Errorf("call %s from %q to %q: %w", told.ExternalID, told.From, told.To, errUnknownAddress)
	}
	c.Route = route
	if c.MessageID == "" && c.Inbound {
		ws, err := workspace.ParseID(route.GetWorkspaceId())
		if err != nil {
			return call.Call{}, fmt.Errorf("reading a route: %w", err)
		}
		c.MessageID = conversation.DeriveMessageID(ws, route.GetChannelAccountId(), cmp.Or(told.ParentID, told.ExternalID))
	}
	return c, nil
}

// instructed is the reply to a webhook that asks what to do; nil for one that only tells, or a provider that cannot be
// told.
func (h *Handler) instructed(ctx context.Context, src source, told channel.CallEvent, instructions []channel.Instruction) *channel.Reply {
	instructor, ok := src.endpoint.Connection.(channel.Instructor)
	if !ok || !told.Step.AsksForInstructions() {
		return nil
	}
	reply, err := instructor.Instruct(instructions)
	if err == nil {
		return &reply
	}
	h.logger.ErrorContext(ctx, "a call cannot be instructed and is ended", slog.String("provider", src.endpoint.Provider),
		slog.String("step", string(told.Step)), slog.Any("err", err))
	if reply, err = instructor.Instruct(call.Refuse(told.Step)); err != nil {
		return nil
	}
	return &reply
}

// incoming makes the event of a call that begins.
func (h *Handler) incoming(ctx context.Context, src source, c call.Call, told channel.CallEvent) (bus.Publishing, error) {
	message, err := h.received(ctx, src, channel.Inbound{
		Kind: channel.Call, ExternalID: told.ExternalID, Account: told.Account, From: cmp.Or(told.From, anonymous),
		To: []string{told.To}, OccurredAt: told.OccurredAt,
	}, addressee{route: c.Route})
	if err != nil {
		return bus.Publishing{}, err
	}
	message.Call = &eventv1.Call{State: string(channel.CallRinging), StartedAt: message.GetOccurredAt()}
	return receivedEvent(src, message), nil
}

// callNews makes the event of what became of a call.
func (h *Handler) callNews(ctx context.Context, src source, c call.Call, told channel.CallEvent) (bus.Publishing, error) {
	news := h.calls.News(c, told)
	news.Call.Transcript = cut(clean(news.Call.GetTranscript()), maxTranscript)
	news.Call.AgentId = word(news.Call.GetAgentId())
	if told.Step == channel.CallRecording && told.Recording != nil {
		recording, err := h.recording(ctx, src, c, told)
		if err != nil {
			return bus.Publishing{}, err
		}
		news.Call.Recording = recording
	}
	return h.receipt(ctx, src, c.Route, &eventv1.MessageReceipt{
		MessageId: c.MessageID, Channel: string(channel.Call), ExternalId: clean(cmp.Or(told.ParentID, told.ExternalID)),
		Status: string(news.Status), ProviderStatus: word(told.ProviderStatus), Failure: failureOf(news.Failure),
		OccurredAt: timestamppb.New(told.OccurredAt), Call: news.Call,
		Attempt: int32(c.Attempt), //nolint:gosec // channel.ParseAttempt bounds it
	}, callKey(told), nil)
}

// callKey names the fact. A leg and the call around it may say the same at one step.
func callKey(told channel.CallEvent) string {
	key := cmp.Or(told.DedupeKey, fmt.Sprintf("%s/%s%s%s", told.ExternalID, told.State, told.DialState, told.RecordingID))
	return "call:" + string(told.Step) + ":" + key
}

// recording brings the file in. When it cannot be had at the moment the provider is to come again, and the webhook is
// kept: not every provider does.
func (h *Handler) recording(ctx context.Context, src source, c call.Call, told channel.CallEvent) (*eventv1.Attachment, error) {
	ctx, cancel := context.WithTimeout(ctx, recordingTimeout)
	defer cancel()
	message := &eventv1.MessageReceived{
		WorkspaceId: c.Route.GetWorkspaceId(), MessageId: c.MessageID, Provider: src.endpoint.Provider,
	}
	if c.MessageID == "" {
		return nil, fmt.Errorf("recording %s: it names no message of ours: %w", told.RecordingID, errUnknownAddress)
	}
	attachment, err := h.attachment(ctx, src, message, "recording\x00"+told.RecordingID, *told.Recording)
	if attachment.GetMissingReason() == media.Unavailable && !errors.Is(err, media.ErrGone) {
		return nil, fmt.Errorf("fetching recording %s: %w: %w", told.RecordingID, errIncomplete, err)
	}
	return attachment, nil
}
