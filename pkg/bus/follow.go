package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go/jetstream"
)

// Follow hands the stream's messages on the given subjects to handle, in order and each once, from the sequence on;
// 0 is only what comes from now. It keeps nothing at the server and acknowledges nothing. It returns when ctx is done,
// or with the error of handle; a lost server or consumer is waited for, and nothing is left out.
func (b *Bus) Follow(
	ctx context.Context, stream string, filters []string, from uint64, handle func(*Message) error,
) error {
	_, last, err := b.Bounds(ctx, stream)
	if err != nil {
		return err
	}
	f := &follower{bus: b, stream: stream, filters: filters, next: from, handle: handle}
	if from == 0 {
		f.next = last + 1
	}
	failures := uint64(0)
	for ctx.Err() == nil {
		before := f.next
		err := f.run(ctx)
		if refused, ok := errors.AsType[*handlerError](err); ok {
			return refused.err
		}
		if f.next != before {
			failures = 0
		}
		failures++
		if ctx.Err() == nil {
			b.logger.WarnContext(ctx, "following interrupted", slog.String("stream", stream), errorAttr(err))
		}
		pause(ctx, growingDelay(failures))
	}
	return nil
}

// handlerError tells an error of the caller's handler from one of the server.
type handlerError struct{ err error }

func (e *handlerError) Error() string { return e.err.Error() }

type follower struct {
	bus     *Bus
	stream  string
	filters []string
	next    uint64
	handle  func(*Message) error
}

// run follows until something is lost.
func (f *follower) run(ctx context.Context) error {
	consumer, err := f.bus.js.OrderedConsumer(ctx, f.stream, jetstream.OrderedConsumerConfig{
		FilterSubjects: f.filters, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: f.next,
	})
	if err != nil {
		return fmt.Errorf("following %s: %w", f.stream, err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("following %s: %w", f.stream, err)
	}
	defer messages.Stop()
	for {
		delivered, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("following %s: %w", f.stream, err)
		}
		m, err := f.bus.delivery(ConsumerSpec{Stream: f.stream}, delivered, nil)
		if err != nil {
			return err
		}
		m.delivered.Store(nil)
		if m.sequence < f.next {
			continue
		}
		if err := f.handle(m); err != nil {
			return &handlerError{err}
		}
		f.next = m.sequence + 1
	}
}

// Bounds are the first and last sequence a stream holds; first is last+1 when it is empty.
func (b *Bus) Bounds(ctx context.Context, stream string) (first, last uint64, err error) {
	found, err := b.js.Stream(ctx, stream)
	if err != nil {
		return 0, 0, serverError("reading the bounds of "+stream, err)
	}
	state := found.CachedInfo().State
	if state.Msgs == 0 {
		return state.LastSeq + 1, state.LastSeq, nil
	}
	return state.FirstSeq, state.LastSeq, nil
}

// ReadAt reads the message of a sequence. It returns ErrKeyNotFound when the stream no longer holds it. It can be
// dead-lettered; acknowledging it does nothing.
func (b *Bus) ReadAt(ctx context.Context, stream string, sequence uint64) (*Message, error) {
	found, err := b.js.Stream(ctx, stream)
	if err != nil {
		return nil, serverError("reading "+stream, err)
	}
	raw, err := found.GetMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, fmt.Errorf("%w: %s %d", ErrKeyNotFound, stream, sequence)
	}
	if err != nil {
		return nil, serverError("reading "+stream, err)
	}
	return &Message{
		bus: b, stream: stream, subject: raw.Subject, data: raw.Data, header: raw.Header,
		sequence: raw.Sequence, timestamp: raw.Time,
	}, nil
}
