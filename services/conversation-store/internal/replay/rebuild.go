// Package replay runs what the streams still hold through the projector once more: a part of INBOUND for an operator who
// asks, or everything, to fill a database that has lost its messages.
package replay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
)

const (
	// ahead is how many messages of each stream are read before they are needed.
	ahead = 256
	// most is how many messages go into one transaction.
	most = 500
)

// Projector makes rows of messages.
type Projector interface {
	Replay(ctx context.Context, stream string, messages []*bus.Message, quiet bool) (failed int, err error)
}

// Count says what was done.
type Count struct {
	// Replayed were processed, changed or not; Failed of them could not be.
	Replayed, Failed int
}

// errEnd tells that a stream was read up to where it ended when the reading began.
var errEnd = errors.New("the end of the stream")

// All replays SEND, INBOUND and RECEIPT as far as they reach, in the order in which the streams stored them, without
// telling of it. What comes meanwhile is the service's.
func All(ctx context.Context, b *bus.Bus, projector Projector, logger *slog.Logger) (Count, error) {
	streams := []string{event.StreamSend, event.StreamInbound, event.StreamReceipt}
	group, reading := errgroup.WithContext(ctx)
	sources := make([]*source, 0, len(streams))
	for _, stream := range streams {
		s := &source{stream: stream, messages: make(chan *bus.Message, ahead)}
		sources = append(sources, s)
		group.Go(func() error { return s.read(reading, b) })
	}
	var count Count
	group.Go(func() error {
		for {
			stream, batch := next(reading, sources)
			if len(batch) == 0 {
				return reading.Err()
			}
			failed, err := projector.Replay(reading, stream, batch, true)
			if err != nil {
				return err
			}
			count.Replayed, count.Failed = count.Replayed+len(batch), count.Failed+failed
		}
	})
	if err := group.Wait(); err != nil {
		return count, err
	}
	logger.InfoContext(ctx, "streams replayed", slog.Int("messages", count.Replayed), slog.Int("failed", count.Failed))
	return count, nil
}

// source is one stream on its way.
type source struct {
	stream   string
	messages chan *bus.Message
	head     *bus.Message // read and not taken yet; used by next alone
}

// read puts what the stream holds at this moment into messages, and closes it.
func (s *source) read(ctx context.Context, b *bus.Bus) error {
	defer close(s.messages)
	first, last, err := b.Bounds(ctx, s.stream)
	if err != nil || first > last {
		return err
	}
	err = b.Follow(ctx, s.stream, nil, first, func(m *bus.Message) error {
		select {
		case s.messages <- m:
		case <-ctx.Done():
			return ctx.Err()
		}
		if m.Sequence() >= last {
			return errEnd
		}
		return nil
	})
	if errors.Is(err, errEnd) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", s.stream, err)
	}
	return ctx.Err()
}

// peek is the next message of the stream; nil at its end, or when ctx is done.
func (s *source) peek(ctx context.Context) *bus.Message {
	if s.head == nil {
		select {
		case s.head = <-s.messages: // nil once it is closed
		case <-ctx.Done():
		}
	}
	return s.head
}

// next is the longest run of messages of one stream that were stored before anything of the others; none at the end.
func next(ctx context.Context, sources []*source) (stream string, batch []*bus.Message) {
	for len(batch) < most {
		var earliest *source
		for _, s := range sources {
			m := s.peek(ctx)
			if m != nil && (earliest == nil || m.Timestamp().Before(earliest.head.Timestamp())) {
				earliest = s
			}
		}
		if earliest == nil || stream != "" && earliest.stream != stream {
			break
		}
		stream, batch, earliest.head = earliest.stream, append(batch, earliest.head), nil
	}
	return stream, batch
}
