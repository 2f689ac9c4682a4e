package bus

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

const (
	fetchLimit     = 500
	fetchWait      = 20 * time.Second
	fetchHeartbeat = 2 * time.Second
	fetchGrace     = 100 * time.Millisecond
	lagInterval    = 15 * time.Second
)

// intake takes messages from one durable consumer, as many as there is room for in our hands, and keeps those ours
// until they are settled. It comes back when the consumer or the server is lost.
type intake struct {
	bus     *Bus
	spec    ConsumerSpec
	deliver func(*Message)
	ordered bool // what comes after an interruption must not overtake what was lost in it

	mu         sync.Mutex
	held       map[uint64]*Message // by stream sequence: delivered and not settled
	heldBytes  int                 // of their payloads
	unfinished map[uint64]struct{} // delivered and neither acknowledged nor dead-lettered: held, or waiting for a retry
	last       uint64              // highest sequence delivered
	freed      chan struct{}       // holds one token when something was settled
}

func (b *Bus) newIntake(spec ConsumerSpec, deliver func(*Message)) *intake {
	return &intake{
		bus: b, spec: spec, deliver: deliver, held: map[uint64]*Message{}, unfinished: map[uint64]struct{}{},
		freed: make(chan struct{}, 1),
	}
}

// run takes messages until ctx is done, however often the consumer is lost.
func (in *intake) run(ctx context.Context, consumer jetstream.Consumer) {
	var background sync.WaitGroup
	background.Go(func() { in.measure(ctx) })
	defer background.Wait()
	failures := uint64(0)
	for ctx.Err() == nil {
		room := in.room(ctx)
		if room.messages == 0 {
			return
		}
		var err error
		lost := in.bus.interruptions.watch()
		if failures > 0 {
			consumer, err = in.restore(ctx)
		}
		if err == nil {
			err = in.fetch(ctx, consumer, room, lost)
		}
		if err == nil || ctx.Err() != nil {
			failures = 0
			continue
		}
		failures++
		in.bus.logger.WarnContext(ctx, "consumer interrupted", slog.String("stream", in.spec.Stream),
			slog.String("consumer", in.spec.Durable), slog.Uint64("failures", failures), errorAttr(err))
		pause(ctx, growingDelay(failures))
	}
}

// room is how much more may be taken.
type room struct{ messages, bytes int }

// room waits until there is room for one more message, however large, and tells how much there is; none when ctx is
// done.
func (in *intake) room(ctx context.Context) room {
	for {
		in.mu.Lock()
		free := room{in.spec.MaxAckPending - len(in.held), in.spec.MaxBytes - in.heldBytes}
		in.mu.Unlock()
		if free.messages > 0 && free.bytes >= MaxPayload {
			return room{min(free.messages, fetchLimit), free.bytes}
		}
		select {
		case <-in.freed:
		case <-ctx.Done():
			return room{}
		}
	}
}

// fetch takes as many messages as there is room for, as they come. When ctx ends it still takes for a moment, because what the server
// has sent already and nobody takes would come again only after AckWait. Where order matters it ends with the
// connection: what the server sent while it broke has to come before what follows.
func (in *intake) fetch(ctx context.Context, consumer jetstream.Consumer, free room, lost <-chan struct{}) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchWait)
	defer cancel()
	if in.ordered {
		go func() {
			select {
			case <-lost:
				cancel()
			case <-limited.Done():
			}
		}()
	}
	stop := context.AfterFunc(ctx, func() {
		pause(limited, fetchGrace)
		cancel()
	})
	defer stop()
	batch, err := consumer.Fetch(free.messages, jetstream.FetchMaxBytes(free.bytes),
		jetstream.FetchContext(limited), jetstream.FetchHeartbeat(fetchHeartbeat))
	if err != nil {
		return in.unlessStopped(ctx, err)
	}
	for delivered := range batch.Messages() {
		in.take(delivered)
	}
	if in.ordered && closed(lost) {
		return errInterrupted
	}
	return in.unlessStopped(ctx, batch.Error())
}

func closed(signal <-chan struct{}) bool {
	select {
	case <-signal:
		return true
	default:
		return false
	}
}

// unlessStopped leaves out the errors that only say that a fetch is over.
func (in *intake) unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) {
		return nil //nolint:nilerr // a fetch that was stopped or found nothing has not failed
	}
	return err
}

// take passes a message on, or, when an earlier delivery of it is still in our hands, renews that one.
func (in *intake) take(delivered jetstream.Msg) {
	message, err := in.bus.delivery(in.spec, delivered, in.settled)
	if err != nil {
		in.bus.logger.Error("message without metadata", errorAttr(err))
		return
	}
	if only := message.Header(event.HeaderOnlyFor); only != "" && only != in.spec.Service {
		_ = message.Ack() // published once more for another service; what gets lost comes again
		return
	}
	in.mu.Lock()
	earlier, ours := in.held[message.sequence]
	if ours && earlier.timestamp.Equal(message.timestamp) {
		in.mu.Unlock()
		earlier.renew(delivered)
		return
	}
	if ours {
		in.heldBytes -= len(earlier.data)
	}
	in.held[message.sequence] = message
	in.heldBytes += len(message.data)
	in.unfinished[message.sequence] = struct{}{}
	in.last = max(in.last, message.sequence)
	in.mu.Unlock()
	in.deliver(message)
}

func (in *intake) settled(message *Message, result string) {
	in.mu.Lock()
	if in.held[message.sequence] == message {
		delete(in.held, message.sequence)
		in.heldBytes -= len(message.data)
	}
	if result != resultRetry {
		delete(in.unfinished, message.sequence)
	}
	in.mu.Unlock()
	select {
	case in.freed <- struct{}{}:
	default:
	}
}

// keep tells the server, well within AckWait, that what is in our hands is being worked on. It ends with ctx.
func (in *intake) keep(ctx context.Context) {
	ticker := time.NewTicker(in.spec.AckWait / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, message := range in.inHand() {
			if err := message.Hold(); err != nil {
				in.bus.logger.WarnContext(ctx, "cannot hold messages", slog.String("consumer", in.spec.Durable), errorAttr(err))
				break
			}
		}
	}
}

func (in *intake) inHand() []*Message {
	in.mu.Lock()
	defer in.mu.Unlock()
	messages := make([]*Message, 0, len(in.held))
	for _, message := range in.held {
		messages = append(messages, message)
	}
	return messages
}

// giveBack returns everything still in our hands to the server, for the next process to take at once.
func (in *intake) giveBack() {
	for _, message := range in.inHand() {
		if err := message.Retry(0); err != nil {
			return // the server delivers again after AckWait
		}
	}
	_ = in.bus.conn.FlushTimeout(time.Second)
}

// settleAll waits until nothing is in our hands, the connection has ended, or ctx is done.
func (in *intake) settleAll(ctx context.Context) {
	for len(in.inHand()) > 0 {
		select {
		case <-in.freed:
		case <-in.bus.closed:
			return
		case <-ctx.Done():
			return
		}
	}
}

// restore finds the consumer again, or creates it where the lost one had got to. What the server had sent and we have
// not received would come only after AckWait, behind what follows it: where order matters the consumer starts over
// after its ack floor, and take recognises what is in our hands.
func (in *intake) restore(ctx context.Context) (jetstream.Consumer, error) {
	spec := in.spec
	if start := in.lowest(); start > 0 && in.sequenceReached(ctx, start) {
		spec.StartSequence = start
	}
	consumer, err := in.bus.consumer(ctx, spec)
	if err == nil && in.ordered {
		err = in.bus.ResetConsumer(ctx, spec.Stream, spec.Durable)
	}
	return consumer, err
}

// lowest is the first sequence that is not known to be finished; 0 when nothing was delivered yet.
func (in *intake) lowest() uint64 {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.last == 0 {
		return 0
	}
	lowest := in.last + 1
	for sequence := range in.unfinished {
		lowest = min(lowest, sequence)
	}
	return lowest
}

// sequenceReached tells that the stream is still the one the sequence was read from, and not a new one of that name.
func (in *intake) sequenceReached(ctx context.Context, sequence uint64) bool {
	_, last, err := in.bus.Bounds(ctx, in.spec.Stream)
	return err == nil && last+1 >= sequence
}

// measure reports how far the consumer is behind, and nothing any more once nobody here reads it.
func (in *intake) measure(ctx context.Context) {
	defer in.bus.measures.lag.DeleteLabelValues(in.spec.Stream, in.spec.Durable)
	for {
		consumer, err := in.bus.js.Consumer(ctx, in.spec.Stream, in.spec.Durable)
		if err == nil {
			info := consumer.CachedInfo()
			in.bus.measures.lag.WithLabelValues(in.spec.Stream, in.spec.Durable).
				Set(float64(info.NumPending) + float64(info.NumAckPending))
		}
		if !pause(ctx, lagInterval) {
			return
		}
	}
}

// pause waits, and tells whether the time passed rather than ctx ended.
func pause(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func isNotFound(err error) bool {
	return errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrConsumerDoesNotExist) ||
		errors.Is(err, jetstream.ErrStreamNotFound)
}
