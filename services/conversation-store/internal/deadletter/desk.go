// Package deadletter answers what operators ask of the events that could not be processed, and drives them again.
package deadletter

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/leftover"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

const actionDriven = "driven"

type (
	desk  = leftover.Desk[*eventv1.DeadLetter]
	entry = leftover.Entry[*eventv1.DeadLetter]
)

// Desk answers the questions dead-letter.list, get and drive. It is safe for concurrent use.
type Desk struct {
	bus    *bus.Bus
	desk   *desk
	logger *slog.Logger
}

// New makes a Desk.
func New(ctx context.Context, b *bus.Bus, logger *slog.Logger) (*Desk, error) {
	opened, err := leftover.OpenDesk(ctx, b, leftover.Kind[*eventv1.DeadLetter]{
		Stream: event.StreamDeadLetter, Done: actionDriven, Missing: "There is no dead letter under this id.",
		New: func() *eventv1.DeadLetter { return &eventv1.DeadLetter{} },
	})
	if err != nil {
		return nil, err
	}
	return &Desk{bus: b, desk: opened, logger: logger}, nil
}

// Endpoints are the questions.
func (d *Desk) Endpoints() []bus.Endpoint {
	return []bus.Endpoint{
		bus.Answer("dead-letter", "list", d.list), bus.Answer("dead-letter", "get", d.get),
		bus.Answer("dead-letter", "drive", d.drive),
	}
}

func (d *Desk) list(ctx context.Context, _ workspace.ID, request *operatorv1.ListDeadRequest) (proto.Message, error) {
	found, next, err := d.desk.List(ctx, request, func(letter *eventv1.DeadLetter) bool {
		return (request.GetService() == "" || request.GetService() == letter.GetService()) &&
			(request.GetWorkspaceId() == "" || request.GetWorkspaceId() == letter.GetWorkspaceId())
	})
	if err != nil {
		return nil, err
	}
	response := &operatorv1.ListDeadResponse{Next: next}
	for _, one := range found {
		response.Items = append(response.Items, itemOf(one))
	}
	return response, nil
}

func (d *Desk) get(ctx context.Context, _ workspace.ID, request *operatorv1.GetDeadRequest) (proto.Message, error) {
	found, err := d.desk.Get(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	item := itemOf(found)
	item.Headers, item.Payload = found.Event.GetHeaders(), found.Event.GetPayload()
	return &operatorv1.GetDeadResponse{Item: item}, nil
}

func itemOf(found entry) *operatorv1.Dead {
	letter := found.Event
	return &operatorv1.Dead{
		Id: found.ID, Service: letter.GetService(), WorkspaceId: letter.GetWorkspaceId(),
		Stream: letter.GetStream(), StreamSequence: letter.GetStreamSequence(), Subject: letter.GetSubject(),
		Reason: letter.GetReason(), Deliveries: letter.GetDeliveries(), DiedAt: found.KeptAt, Handling: found.Handling,
	}
}

// drive publishes the event to its stream once more, for the service alone that could not process it. The event is
// byte for byte what it was, so every key in it is: what had been done before it died is not done twice. Where it dies
// again there is a new letter.
func (d *Desk) drive(ctx context.Context, _ workspace.ID, request *operatorv1.DriveDeadRequest) (proto.Message, error) {
	if err := leftover.CheckBy(request.GetBy()); err != nil {
		return nil, err
	}
	found, err := d.desk.Get(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	item, letter := itemOf(found), found.Event
	ack, err := d.bus.Publish(ctx, bus.Publishing{
		Subject: letter.GetSubject(), ID: "driven." + strconv.FormatUint(item.GetId(), 10), Data: letter.GetPayload(),
		Type:   headerOf(letter, event.HeaderType),
		Header: map[string]string{event.HeaderOnlyFor: letter.GetService(), "traceparent": headerOf(letter, "traceparent")},
	})
	if err != nil {
		return nil, err
	}
	item.Handling, err = d.desk.Handle(ctx, item.GetId(), actionDriven, request.GetBy(), nil)
	if err != nil {
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
