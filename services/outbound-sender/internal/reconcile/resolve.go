package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/delivery"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
)

// What a person may decide about an unknown outcome.
const (
	decisionAsk       = "ask"
	decisionArrived   = "arrived"
	decisionSendAgain = "send_again"
)

const (
	// askTime bounds the look-up a person waits for; whoever asks us waits for 5 s.
	askTime = 4 * time.Second
	// resolveTries is how often an entry is read anew that somebody else has written in between.
	resolveTries = 5
)

// Endpoint answers the question message.resolve: a person's word on an unknown outcome. Every process answers it,
// whether Run runs or not. The ledger decides between two who decide at once: its entry is written by one of them, and
// the other is told so. What was decided is told afterwards; a process that dies in between leaves that to the next
// Run, or to the next who asks.
func (r *Reconciler) Endpoint() bus.Endpoint { return bus.Answer("message", "resolve", r.resolve) }

func (r *Reconciler) resolve(
	ctx context.Context, ws workspace.ID, request *senderv1.ResolveMessageRequest,
) (proto.Message, error) {
	if err := check(ws, request); err != nil {
		return nil, err
	}
	for range resolveTries {
		record, err := r.open(ctx, ws, request)
		if err != nil {
			return nil, err
		}
		var response *senderv1.ResolveMessageResponse
		if request.GetResolution().GetDecision() == decisionAsk {
			response, err = r.askNow(ctx, record, request.GetResolution())
		} else {
			response, err = r.decide(ctx, record, request)
		}
		if !errors.Is(err, ledger.ErrTaken) {
			return response, err
		}
	}
	return nil, bus.ErrBusy
}

func check(ws workspace.ID, request *senderv1.ResolveMessageRequest) error {
	_, kindErr := channel.ParseKind(request.GetChannel())
	decision, send := request.GetResolution().GetDecision(), request.GetSend()
	known := decision == decisionAsk || decision == decisionArrived || decision == decisionSendAgain
	switch {
	case ws.IsZero(), request.GetMessageId() == "", request.GetAttempt() < 1, kindErr != nil, !known:
		return &bus.AskError{Code: bus.CodeInvalid, Message: "The question is not complete."}
	case decision != decisionSendAgain:
		return nil
	case send.GetWorkspaceId() != ws.String(), send.GetMessageId() != request.GetMessageId(),
		send.GetAttempt() != request.GetAttempt()+1, send.GetChannel() != request.GetChannel():
		return &bus.AskError{Code: bus.CodeInvalid, Message: "The next attempt is not one of this message."}
	default:
		return nil
	}
}

// open reads the entry of an outcome that is unknown. A ledger that has forgotten the message begins anew with what the
// asker knows.
func (r *Reconciler) open(
	ctx context.Context, ws workspace.ID, request *senderv1.ResolveMessageRequest,
) (ledger.Record, error) {
	record, err := r.cfg.Ledger.Read(ctx, ws, request.GetMessageId())
	if err != nil {
		return record, err
	}
	entry := record.Entry
	switch {
	case entry == nil:
		return ledger.Record{Entry: forgotten(ws, request)}, nil
	case entry.GetAttempt() != request.GetAttempt(), entry.GetState() == ledger.Claimed, entry.GetState() == ledger.Waiting:
		return record, conflict("The message is on its way again.")
	case entry.GetState() == ledger.Decided:
		if err := r.carryOut(ctx, record, request.GetSend()); err != nil {
			r.cfg.Logger.WarnContext(ctx, "what a person decided is not carried out yet",
				slog.String("message", entry.GetMessageId()), slog.String("error", err.Error()))
		}
		return record, conflict("Somebody has just decided about this message.")
	case entry.GetState() == ledger.Done && decided(entry.GetResolution()):
		return record, conflict("Somebody has just decided about this message.")
	case entry.GetState() != ledger.Unknown:
		return record, conflict("What became of the message is known by now: its status is " + entry.GetStatus() + ".")
	default:
		return record, nil
	}
}

func decided(resolution *eventv1.Resolution) bool {
	return resolution.GetDecision() == decisionArrived || resolution.GetDecision() == decisionSendAgain
}

func forgotten(ws workspace.ID, request *senderv1.ResolveMessageRequest) *bucketv1.LedgerEntry {
	return &bucketv1.LedgerEntry{
		WorkspaceId: ws.String(), MessageId: request.GetMessageId(), Attempt: request.GetAttempt(), State: ledger.Unknown,
		Status: string(channel.Unknown), Provider: request.GetProvider(), Channel: request.GetChannel(),
		ChannelAccountId: request.GetChannelAccountId(),
	}
}

func conflict(message string) error { return &bus.AskError{Code: bus.CodeConflict, Message: message} }

// decide writes the decision into the ledger, which makes it the one that counts, and carries it out.
func (r *Reconciler) decide(
	ctx context.Context, record ledger.Record, request *senderv1.ResolveMessageRequest,
) (*senderv1.ResolveMessageResponse, error) {
	entry := proto.CloneOf(record.Entry)
	entry.State, entry.Resolution = ledger.Decided, request.GetResolution()
	entry.Resolution.DecidedAt, entry.FinishedAt = timestamppb.Now(), timestamppb.Now()
	response := &senderv1.ResolveMessageResponse{Status: string(channel.Queued), Attempt: request.GetAttempt() + 1}
	if entry.GetResolution().GetDecision() == decisionArrived {
		entry.Status, entry.Failure = string(channel.Sent), nil
		response.Status, response.Attempt = entry.GetStatus(), entry.GetAttempt()
	}
	written, err := r.cfg.Ledger.Write(ctx, record, entry)
	if err != nil {
		return nil, err
	}
	r.cfg.Logger.InfoContext(ctx, "a person decided about an unknown outcome", slog.String("message", entry.GetMessageId()),
		slog.String("decision", entry.GetResolution().GetDecision()), slog.String("user", entry.GetResolution().GetUserId()),
		slog.String("api_key", entry.GetResolution().GetApiKeyId()))
	return response, r.carryOut(ctx, written, request.GetSend())
}

// carryOut tells what was decided and closes the entry. Every part has a key of its own, so that a crash in between lets
// it be done again: the news its attempt and step, the next attempt message and attempt. Without send the request is
// read from the stream.
func (r *Reconciler) carryOut(ctx context.Context, record ledger.Record, send *eventv1.SendMessage) error {
	told := proto.CloneOf(record.Entry)
	if told.GetResolution().GetDecision() == decisionSendAgain {
		told.Status, told.Failure = "", nil // the state moves with the next attempt
	}
	if err := delivery.PublishReceipt(ctx, r.cfg.Bus, told, delivery.StepResolved); err != nil {
		return err
	}
	if told.GetResolution().GetDecision() == decisionSendAgain {
		if err := r.sendAgain(ctx, record.Entry, send); err != nil {
			return err
		}
	}
	entry := proto.CloneOf(record.Entry)
	entry.State = ledger.Done
	if _, err := r.write(ctx, record, entry); err != nil && !errors.Is(err, ledger.ErrTaken) {
		return err
	}
	return nil // who was faster has closed it, or claims the next attempt already
}

func (r *Reconciler) sendAgain(ctx context.Context, entry *bucketv1.LedgerEntry, send *eventv1.SendMessage) error {
	if send == nil {
		var err error
		if send, err = r.request(ctx, entry); err != nil {
			return err
		}
		send.Attempt, send.AcceptedAt = entry.GetAttempt()+1, timestamppb.Now()
	}
	ws, err := workspace.ParseID(entry.GetWorkspaceId())
	if err != nil {
		return err
	}
	_, err = r.cfg.Bus.Publish(ctx, bus.Publishing{
		Subject: event.SendSubject(ws, channel.Kind(send.GetChannel())), Payload: send,
		ID: send.GetMessageId() + "." + strconv.Itoa(int(send.GetAttempt())),
	})
	return err
}

// askNow makes one look-up that a person waits for.
func (r *Reconciler) askNow(
	ctx context.Context, record ledger.Record, who *eventv1.Resolution,
) (*senderv1.ResolveMessageResponse, error) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	default:
		return nil, bus.ErrBusy
	}
	asking := proto.CloneOf(record.Entry)
	asking.Resolution = who
	asking.Resolution.DecidedAt = timestamppb.Now()
	looking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	found, err := r.find(looking, asking)
	if errors.Is(err, errOver) {
		return nil, conflict("The provider cannot be asked about this message. Decide whether it arrived.")
	}
	if err == nil {
		err = r.tell(ctx, ledger.Record{Entry: asking, Revision: record.Revision}, found)
	}
	switch {
	case errors.Is(err, errOver):
		return &senderv1.ResolveMessageResponse{Status: statusOf(found), Attempt: asking.GetAttempt()}, nil
	case errors.Is(err, channel.ErrNotFound), errors.Is(err, ledger.ErrTwin), errors.Is(err, ledger.ErrHeld):
		return r.learnedNothing(ctx, record, asking)
	case errors.Is(err, ledger.ErrTaken):
		return nil, err
	default:
		r.cfg.Logger.WarnContext(ctx, "provider not asked", slog.String("message", asking.GetMessageId()),
			slog.String("error", err.Error()))
		return nil, &bus.AskError{Code: bus.CodeUnavailable, Message: "The provider did not answer. Try again in a moment."}
	}
}

// learnedNothing notes the look-up, and who wanted it.
func (r *Reconciler) learnedNothing(
	ctx context.Context, record ledger.Record, asked *bucketv1.LedgerEntry,
) (*senderv1.ResolveMessageResponse, error) {
	asked.Lookups++
	entry := proto.CloneOf(asked)
	entry.Resolution = nil // nothing is decided
	if _, err := r.cfg.Ledger.Write(ctx, record, entry); err != nil {
		return nil, err
	}
	told := proto.CloneOf(asked)
	told.Status, told.Failure, told.FinishedAt = "", nil, asked.GetResolution().GetDecidedAt()
	if err := delivery.PublishReceipt(ctx, r.cfg.Bus, told, delivery.StepAsked); err != nil {
		return nil, err
	}
	return &senderv1.ResolveMessageResponse{Status: string(channel.Unknown), Attempt: asked.GetAttempt()}, nil
}

func statusOf(found channel.Found) string {
	if _, known := found.Status.Rank(); !known {
		return string(channel.Sent)
	}
	return string(found.Status)
}
