package bus

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// suspectFactor: a message that was delivered this many times MaxDeliver takes the process down each time.
const suspectFactor = 5

// Consume hands the messages of a durable consumer to handle, one after the other, until ctx is done and the handler
// has returned. nil acknowledges; an error is tried again after a growing delay; Permanent and the last try end in
// DEADLETTER. It fails at once when the consumer cannot be had, and after that comes back by itself.
func (b *Bus) Consume(ctx context.Context, spec ConsumerSpec, handle func(ctx context.Context, m *Message) error) error {
	spec.MaxBatch = 1
	return b.ConsumeBatches(ctx, spec, 1, func(ctx context.Context, _ int, batch []*Message) error {
		return handle(ctx, batch[0])
	})
}

// ConsumeBatches spreads the messages over lanes by workspace and hands each lane what has arrived, in the order of
// the stream, up to spec.MaxBatch at a time. An error of a batch makes each of its messages a batch of its own, so
// that only the poisoned one is tried again and in the end dead-lettered. RetryAfter makes the lane wait instead.
func (b *Bus) ConsumeBatches(
	ctx context.Context, spec ConsumerSpec, lanes int,
	handle func(ctx context.Context, lane int, batch []*Message) error,
) error {
	spec = spec.withDefaults()
	consumer, err := b.consumer(ctx, spec)
	if err != nil {
		return err
	}
	queues := make([]*laneQueue, lanes)
	for i := range queues {
		queues[i] = newLaneQueue()
	}
	in := b.newIntake(spec, func(m *Message) { queues[laneOf(m, lanes)].put(m) })
	working, finish := outlive(ctx)
	defer finish()

	var workers, keeper sync.WaitGroup
	for i, queue := range queues {
		workers.Go(func() {
			l := &lane{bus: b, spec: spec, index: i, queue: queue, handle: handle}
			l.run(ctx, working)
		})
	}
	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	keeper.Go(func() { in.keep(keeping) })
	in.run(ctx, consumer)
	workers.Wait()
	stopKeeping()
	keeper.Wait()
	in.giveBack()
	return nil
}

// Pull hands the messages of a durable consumer to handle as they come, for a caller that schedules them itself.
// They come in the order of the stream, also across an interruption; what was settled shortly before one may come again.
// handle must not block; the caller settles every message, at leisure: while it is ours it is kept ours. After ctx is
// done Pull waits a while for what the caller still settles, then gives the rest back and returns.
func (b *Bus) Pull(ctx context.Context, spec ConsumerSpec, handle func(*Message)) error {
	spec = spec.withDefaults()
	consumer, err := b.consumer(ctx, spec)
	if err != nil {
		return err
	}
	in := b.newIntake(spec, handle)
	in.ordered = true
	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	var keeper sync.WaitGroup
	keeper.Go(func() { in.keep(keeping) })
	in.run(ctx, consumer)
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	in.settleAll(settling)
	stopKeeping()
	keeper.Wait()
	in.giveBack()
	return nil
}

// outlive is a context that ends a while after ctx does, so that what is under way can be finished.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(drainTimeout)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-working.Done():
		}
	})
	return working, func() {
		stop()
		cancel()
	}
}

// laneOf keeps a workspace in one lane.
func laneOf(m *Message, lanes int) int {
	if lanes == 1 {
		return 0
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(m.Workspace().String()))
	return int(hash.Sum32() % uint32(lanes)) //nolint:gosec // the number of lanes is small and positive
}

// laneQueue holds what has arrived for a lane.
type laneQueue struct {
	mu      sync.Mutex
	waiting []*Message
	arrived chan struct{} // holds one token when something is waiting
}

func newLaneQueue() *laneQueue { return &laneQueue{arrived: make(chan struct{}, 1)} }

func (q *laneQueue) put(m *Message) {
	q.mu.Lock()
	q.waiting = append(q.waiting, m)
	q.mu.Unlock()
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}

// take waits for a message and returns it with those behind it, up to limit; nil when ctx is done.
func (q *laneQueue) take(ctx context.Context, limit int) []*Message {
	for ctx.Err() == nil {
		q.mu.Lock()
		count := min(limit, len(q.waiting))
		batch := q.waiting[:count:count]
		q.waiting = q.waiting[count:]
		q.mu.Unlock()
		if count > 0 {
			return batch
		}
		select {
		case <-q.arrived:
		case <-ctx.Done():
		}
	}
	return nil
}

// lane works off one queue.
type lane struct {
	bus    *Bus
	spec   ConsumerSpec
	index  int
	queue  *laneQueue
	handle func(ctx context.Context, lane int, batch []*Message) error
}

// run ends when ctx does; a batch under way is finished within working.
func (l *lane) run(ctx, working context.Context) {
	for {
		batch := l.queue.take(ctx, l.spec.MaxBatch)
		if batch == nil {
			return
		}
		batch = l.withoutSuspects(working, batch)
		if len(batch) > 0 {
			l.process(ctx, working, batch)
		}
	}
}

// withoutSuspects dead-letters what has been delivered so often that no handler can have lived to refuse it.
func (l *lane) withoutSuspects(ctx context.Context, batch []*Message) []*Message {
	limit := uint64(l.spec.MaxDeliver) * suspectFactor //nolint:gosec // positive by default
	kept := make([]*Message, 0, len(batch))
	for _, m := range batch {
		if m.Deliveries() <= limit {
			kept = append(kept, m)
			continue
		}
		l.bury(ctx, m, fmt.Errorf("delivered %d times and never answered for", m.Deliveries()))
	}
	return kept
}

// process settles every message of the batch, except when ctx ends while it has to wait.
func (l *lane) process(ctx, working context.Context, batch []*Message) {
	err := l.call(working, batch)
	for {
		retry, isRetry := errors.AsType[*retryError](err)
		if !isRetry {
			break
		}
		l.bus.logger.WarnContext(ctx, "lane waits", slog.String("consumer", l.spec.Durable), slog.Int("lane", l.index),
			slog.Int("messages", len(batch)), errorAttr(err))
		if !pause(ctx, retry.delay) {
			return
		}
		err = l.call(working, batch)
	}
	switch {
	case err == nil:
		for _, m := range batch {
			l.answered(m.Ack())
		}
	case len(batch) > 1:
		for _, m := range batch {
			l.process(ctx, working, []*Message{m})
		}
	default:
		l.failed(ctx, working, batch[0], err)
	}
}

// failed decides what becomes of a message whose handler returned an error.
func (l *lane) failed(ctx, working context.Context, m *Message, err error) {
	_, permanent := errors.AsType[*permanentError](err)
	last := m.Deliveries() >= uint64(l.spec.MaxDeliver) //nolint:gosec // positive by default
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		l.answered(m.Retry(0))
	case permanent || last:
		l.bury(working, m, err)
	default:
		delay := l.spec.Backoff(m.Deliveries())
		l.bus.logger.WarnContext(ctx, "message failed", slog.String("consumer", l.spec.Durable),
			slog.Uint64("sequence", m.Sequence()), slog.Uint64("deliveries", m.Deliveries()),
			slog.Duration("delay", delay), errorAttr(err))
		l.answered(m.Retry(delay))
	}
}

func (l *lane) bury(ctx context.Context, m *Message, reason error) {
	l.bus.logger.ErrorContext(ctx, "message dead-lettered", slog.String("consumer", l.spec.Durable),
		slog.String("subject", m.Subject()), slog.Uint64("sequence", m.Sequence()),
		slog.Uint64("deliveries", m.Deliveries()), errorAttr(reason))
	if err := m.DeadLetter(ctx, reason); err != nil {
		l.bus.logger.ErrorContext(ctx, "dead letter not stored, trying again", slog.String("consumer", l.spec.Durable),
			slog.Uint64("sequence", m.Sequence()), errorAttr(err))
		l.answered(m.Retry(l.spec.Backoff(m.Deliveries())))
	}
}

// answered notes an answer that did not reach the server: the message comes again after AckWait.
func (l *lane) answered(err error) {
	if err != nil {
		l.bus.logger.Warn("answer lost, message comes again", slog.String("consumer", l.spec.Durable), errorAttr(err))
	}
}

// call runs the handler in a span, measured, and turns a panic into an error.
func (l *lane) call(ctx context.Context, batch []*Message) (err error) {
	ctx, span := l.span(ctx, batch)
	started := time.Now()
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("handler of %s panicked: %v", l.spec.Durable, cause)
		}
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
		l.bus.measures.seconds.WithLabelValues(l.spec.Durable).Observe(time.Since(started).Seconds())
	}()
	return l.handle(ctx, l.index, batch)
}

// span continues the trace of a single message, and links to those of a batch.
func (l *lane) span(ctx context.Context, batch []*Message) (context.Context, trace.Span) {
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("messaging.system", "nats"),
			attribute.String("messaging.destination.name", l.spec.Stream),
			attribute.Int("messaging.batch.message_count", len(batch))),
	}
	if len(batch) == 1 {
		ctx = batch[0].Context(ctx)
	} else {
		for _, m := range batch[:min(len(batch), maxLinkedSpans)] {
			options = append(options, trace.WithLinks(trace.LinkFromContext(m.Context(context.WithoutCancel(ctx)))))
		}
	}
	return l.bus.tracer.Start(ctx, "handle "+l.spec.Durable, options...) //nolint:spancheck // call ends it
}
