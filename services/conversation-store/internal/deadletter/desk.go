// Package deadletter answers what operators ask of the events that could not be processed, and drives them again.
package deadletter

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/leftover"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

const (
	actionDriven = "driven"
	maxBy        = 200
)

// Desk answers the questions dead-letter.list, get and drive. It is safe for concurrent use.
type Desk struct {
	bus    *bus.Bus
	book   *leftover.Book
	logger *slog.Logger
}

// New makes a Desk.
func New(ctx context.Context, b *bus.Bus, logger *slog.Logger) (*Desk, error) {
	book, err := leftover.Open(ctx, b, event.StreamDeadLetter)
	if err != nil {
		return nil, err
	}
	return &Desk{bus: b, book: book, logger: logger}, nil
}

// Endpoints are the questions.
func (d *Desk) Endpoints() []bus.Endpoint {
	return []bus.Endpoint{
		bus.Answer("dead-letter", "list", d.list), bus.Answer("dead-letter", "get", d.get),
		bus.Answer("dead-letter", "drive", d.drive),
	}
}

func (d *Desk) list(ctx context.Context, _ workspace.ID, request *operatorv1.ListDeadRequest) (proto.Message, error) {
	found, next, err := d.book.Page(ctx, request.GetBefore(), request.GetLimit(), func(kept leftover.Kept) bool {
		var letter eventv1.DeadLetter
		return kept.Message.Decode(&letter) == nil &&
			(request.GetAll() || kept.Handling.GetAction() != actionDriven) &&
			(request.GetService() == "" || request.GetService() == letter.GetService()) &&
			(request.GetWorkspaceId() == "" || request.GetWorkspaceId() == letter.GetWorkspaceId()) &&
			(request.GetSince() == nil || !kept.Message.Timestamp().Before(request.GetSince().AsTime()))
	})
	if err != nil {
		return nil, err
	}
	response := &operatorv1.ListDeadResponse{Next: next}
	for _, kept := range found {
		item, _, err := itemOf(kept)
		if err != nil {
			return nil, err
		}
		response.Items = append(response.Items, item)
	}
	return response, nil
}

func (d *Desk) get(ctx context.Context, _ workspace.ID, request *operatorv1.GetDeadRequest) (proto.Message, error) {
	item, letter, err := d.read(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	item.Headers, item.Payload = letter.GetHeaders(), letter.GetPayload()
	return &operatorv1.GetDeadResponse{Item: item}, nil
}

func (d *Desk) read(ctx context.Context, id uint64) (*operatorv1.Dead, *eventv1.DeadLetter, error) {
	kept, err := d.book.Get(ctx, id)
	if errors.Is(err, leftover.ErrNotFound) {
		return nil, nil, &bus.AskError{Code: bus.CodeNotFound, Message: "There is no dead letter under this id."}
	}
	if err != nil {
		return nil, nil, err
	}
	return itemOf(kept)
}

func itemOf(kept leftover.Kept) (*operatorv1.Dead, *eventv1.DeadLetter, error) {
	letter := &eventv1.DeadLetter{}
	if err := kept.Message.Decode(letter); err != nil {
		return nil, nil, err
	}
	return &operatorv1.Dead{
		Id: kept.Message.Sequence(), Service: letter.GetService(), WorkspaceId: letter.GetWorkspaceId(),
		Stream: letter.GetStream(), StreamSequence: letter.GetStreamSequence(), Subject: letter.GetSubject(),
		Reason: letter.GetReason(), Deliveries: letter.GetDeliveries(), DiedAt: timestamppb.New(kept.Message.Timestamp()),
		Handling: kept.Handling,
	}, letter, nil
}

// drive publishes the event to its stream once more, for the service alone that could not process it. The event is
// byte for byte what it was, so every key in it is: what had been done before it died is not done twice. Where it dies
// again there is a new letter.
func (d *Desk) drive(ctx context.Context, _ workspace.ID, request *operatorv1.DriveDeadRequest) (proto.Message, error) {
	if request.GetBy() == "" || len(request.GetBy()) > maxBy {
		return nil, &bus.AskError{Code: bus.CodeInvalid, Message: "Must say who does it.", Field: "by"}
	}
	item, letter, err := d.read(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	ack, err := d.bus.Publish(ctx, bus.Publishing{
		Subject: letter.GetSubject(), ID: "driven." + strconv.FormatUint(item.GetId(), 10), Data: letter.GetPayload(),
		Type:   headerOf(letter, event.HeaderType),
		Header: map[string]string{event.HeaderOnlyFor: letter.GetService(), "traceparent": headerOf(letter, "traceparent")},
	})
	if err != nil {
		return nil, err
	}
	item.Handling = &operatorv1.Handling{Action: actionDriven, By: request.GetBy(), At: timestamppb.New(time.Now())}
	if err := d.book.Handle(ctx, item.GetId(), item.GetHandling()); err != nil {
		return nil, err
	}
	d.logger.InfoContext(ctx, "an operator drove a dead letter again", slog.Uint64("id", item.GetId()),
		slog.String("for", item.GetService()), slog.String("stream", ack.Stream), slog.Uint64("sequence", ack.Sequence),
		slog.String("by", request.GetBy()))
	return &operatorv1.DriveDeadResponse{Item: item}, nil
}

// headerOf is a header the event had.
func headerOf(letter *eventv1.DeadLetter, wanted string) string {
	for _, line := range letter.GetHeaders() {
		if name, value, ok := strings.Cut(line, ": "); ok && strings.EqualFold(name, wanted) {
			return value
		}
	}
	return ""
}
