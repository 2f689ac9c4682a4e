package replay

import (
	"context"
	"errors"
	"log/slog"
	"sort"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

const (
	// readTime is how long one question reads; whoever asks us waits for 5 s, and asks again for the rest.
	readTime = 2 * time.Second
	// readMost is how many messages one question reads.
	readMost = 2000
)

// Desk answers the question inbound.replay. It is safe for concurrent use.
type Desk struct {
	bus       *bus.Bus
	projector Projector
	logger    *slog.Logger
}

// NewDesk makes a Desk.
func NewDesk(b *bus.Bus, projector Projector, logger *slog.Logger) *Desk {
	return &Desk{bus: b, projector: projector, logger: logger}
}

// Endpoint is the question.
func (d *Desk) Endpoint() bus.Endpoint { return bus.Answer("inbound", "replay", d.replay) }

// replay runs a part of INBOUND once more, and says where the next part begins. Every message is known by its id, so
// that a second time changes nothing.
func (d *Desk) replay(
	ctx context.Context, _ workspace.ID, request *operatorv1.ReplayInboundRequest,
) (proto.Message, error) {
	wanted, err := newSelection(request)
	if err != nil {
		return nil, err
	}
	first, last, err := d.bus.Bounds(ctx, event.StreamInbound)
	if err != nil {
		return nil, err
	}
	sequence := max(first, request.GetNext())
	if request.GetNext() == 0 && request.GetFrom() != nil {
		sequence = d.since(ctx, first, last, request.GetFrom().AsTime())
	}
	batch, sequence, err := d.collect(ctx, wanted, sequence, last)
	if err != nil {
		return nil, err
	}
	failed, err := d.projector.Replay(ctx, event.StreamInbound, batch, false)
	if err != nil {
		return nil, err
	}
	response := &operatorv1.ReplayInboundResponse{Replayed: int32(len(batch)), Failed: int32(failed)} //nolint:gosec // at most 500
	if sequence <= last {
		response.Next = sequence
	}
	d.logger.InfoContext(ctx, "an operator replayed messages", slog.String("by", request.GetBy()),
		slog.Int("messages", len(batch)), slog.Int("failed", failed), slog.Uint64("next", response.GetNext()))
	return response, nil
}

// collect reads what is wanted from a sequence on, a part at a time, and says where the next part begins.
func (d *Desk) collect(
	ctx context.Context, wanted selection, sequence, last uint64,
) (batch []*bus.Message, next uint64, err error) {
	deadline, read := time.Now().Add(readTime), 0
	for ; sequence <= last && read < readMost && len(batch) < most && time.Now().Before(deadline); sequence++ {
		read++
		m, err := d.bus.ReadAt(ctx, event.StreamInbound, sequence)
		switch {
		case errors.Is(err, bus.ErrKeyNotFound):
		case err != nil:
			return nil, 0, err
		case wanted.isPast(m):
			return batch, last + 1, nil
		case wanted.has(m):
			batch = append(batch, m)
		}
	}
	return batch, sequence, nil
}

// since is the first sequence that was stored at a time or later.
func (d *Desk) since(ctx context.Context, first, last uint64, at time.Time) uint64 {
	if first > last {
		return first
	}
	span := int(min(last-first+1, 1<<40))
	found := sort.Search(span, func(i int) bool {
		m, err := d.bus.ReadAt(ctx, event.StreamInbound, first+uint64(i)) //nolint:gosec // not negative
		return err == nil && !m.Timestamp().Before(at)
	})
	return first + uint64(found) //nolint:gosec // not negative
}

// selection is which messages are meant.
type selection struct {
	message string
	ws      string
	from    time.Time
	to      time.Time
}

func newSelection(request *operatorv1.ReplayInboundRequest) (selection, error) {
	refused := func(field, message string) error {
		return &bus.AskError{Code: bus.CodeInvalid, Message: message, Field: field}
	}
	s := selection{message: request.GetMessageId(), ws: request.GetWorkspaceId()}
	if _, err := uuid.Parse(s.message); s.message != "" && err != nil {
		return s, refused("messageId", "Must be the id of a message.")
	}
	if _, err := workspace.ParseID(s.ws); s.ws != "" && err != nil {
		return s, refused("workspaceId", "Must be the id of a workspace.")
	}
	if request.GetFrom() != nil {
		s.from = request.GetFrom().AsTime()
	}
	if request.GetTo() != nil {
		s.to = request.GetTo().AsTime()
	}
	switch {
	case request.GetBy() == "":
		return s, refused("by", "Must say who does it.")
	case s.message == "" && s.ws == "" && s.from.IsZero() && s.to.IsZero():
		return s, refused("messageId", "Name a message, a workspace or a time: everything is not replayed by mistake.")
	default:
		return s, nil
	}
}

func (s selection) isPast(m *bus.Message) bool { return !s.to.IsZero() && !m.Timestamp().Before(s.to) }

func (s selection) has(m *bus.Message) bool {
	if s.ws != "" && m.Workspace().String() != s.ws || m.Timestamp().Before(s.from) {
		return false
	}
	if s.message == "" {
		return true
	}
	var received eventv1.MessageReceived
	return m.Decode(&received) == nil && received.GetMessageId() == s.message
}
