package bus

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	defaultMaxDeliver    = 8
	defaultAckWait       = 30 * time.Second
	defaultMaxAckPending = 4096
	defaultMaxBatch      = 500
	defaultMaxBytes      = 128 << 20
	firstDelay           = 200 * time.Millisecond
	lastDelay            = 30 * time.Second
)

// ConsumerSpec declares a durable consumer. Stream, Durable and Service are required.
type ConsumerSpec struct {
	Stream, Durable string
	// Filters are the subjects wanted; none means all.
	Filters []string
	// Service puts its name on dead letters.
	Service string
	// MaxDeliver is the delivery whose failure is the last; 0 is 8.
	MaxDeliver int
	// AckWait is how soon the server delivers again what a dead process held; 0 is 30 s.
	AckWait time.Duration
	// MaxAckPending bounds what is in our hands at once; 0 is 4096.
	MaxAckPending int
	// MaxBytes bounds the payloads in our hands at once, so that many large messages do not take the memory that as many
	// small ones leave; 0 is 128 MiB. Less than two of the largest events is raised to that.
	MaxBytes int
	// Backoff is the wait after a failed delivery; nil doubles from 200 ms to 30 s, with jitter.
	Backoff func(deliveries uint64) time.Duration
	// MaxBatch bounds one call of a batch handler; 0 is 500.
	MaxBatch int
	// StartSequence is where a consumer that does not exist yet begins; 0 is the beginning of the stream.
	StartSequence uint64
}

func (s ConsumerSpec) withDefaults() ConsumerSpec {
	if s.MaxDeliver == 0 {
		s.MaxDeliver = defaultMaxDeliver
	}
	if s.AckWait == 0 {
		s.AckWait = defaultAckWait
	}
	if s.MaxAckPending == 0 {
		s.MaxAckPending = defaultMaxAckPending
	}
	if s.MaxBytes == 0 {
		s.MaxBytes = defaultMaxBytes
	}
	s.MaxBytes = max(s.MaxBytes, 2*MaxPayload)
	if s.Backoff == nil {
		s.Backoff = growingDelay
	}
	if s.MaxBatch == 0 {
		s.MaxBatch = defaultMaxBatch
	}
	return s
}

// growingDelay doubles with each delivery and strays by a fifth, so that what failed together does not return together.
func growingDelay(deliveries uint64) time.Duration {
	delay := lastDelay
	if doublings := max(deliveries, 1) - 1; doublings < 8 {
		delay = min(firstDelay<<doublings, lastDelay)
	}
	return delay - delay/5 + rand.N(2*delay/5+1) //nolint:gosec // jitter is no secret
}

// config is the consumer as the server has it. The server delivers without end: how many tries there are is decided
// here, so that the last failure always ends in a dead letter.
func (s ConsumerSpec) config() jetstream.ConsumerConfig {
	config := jetstream.ConsumerConfig{
		Durable: s.Durable, FilterSubjects: s.Filters, AckPolicy: jetstream.AckExplicitPolicy, AckWait: s.AckWait,
		MaxAckPending: s.MaxAckPending, MaxDeliver: -1, ReplayPolicy: jetstream.ReplayInstantPolicy,
	}
	if s.StartSequence > 0 {
		config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, s.StartSequence
	}
	return config
}

// consumer finds the durable consumer, gives it today's settings, or creates it.
func (b *Bus) consumer(ctx context.Context, spec ConsumerSpec) (jetstream.Consumer, error) {
	existing, err := b.js.Consumer(ctx, spec.Stream, spec.Durable)
	if err != nil {
		consumer, err := b.js.CreateOrUpdateConsumer(ctx, spec.Stream, spec.config())
		if err != nil {
			return nil, serverError(fmt.Sprintf("creating consumer %s on %s", spec.Durable, spec.Stream), err)
		}
		return consumer, nil
	}
	config := existing.CachedInfo().Config
	if slices.Equal(config.FilterSubjects, spec.Filters) && config.AckWait == spec.AckWait &&
		config.MaxAckPending == spec.MaxAckPending && config.MaxDeliver == -1 {
		return existing, nil
	}
	config.FilterSubject, config.FilterSubjects = "", spec.Filters
	config.AckWait, config.MaxAckPending, config.MaxDeliver = spec.AckWait, spec.MaxAckPending, -1
	consumer, err := b.js.UpdateConsumer(ctx, spec.Stream, config)
	if err != nil {
		return nil, serverError(fmt.Sprintf("updating consumer %s on %s", spec.Durable, spec.Stream), err)
	}
	return consumer, nil
}

// EnsureConsumer creates the durable consumer where it does not exist, so that nothing published from
// spec.StartSequence on can be missed before somebody consumes.
func (b *Bus) EnsureConsumer(ctx context.Context, spec ConsumerSpec) error {
	_, err := b.consumer(ctx, spec.withDefaults())
	return err
}

// ResetConsumer makes the consumer deliver again, in order, everything after its ack floor: what a dead process held
// comes back at once instead of after AckWait. It does nothing when there is no such consumer.
func (b *Bus) ResetConsumer(ctx context.Context, stream, durable string) error {
	_, err := b.js.Consumer(ctx, stream, durable) // a server leaves a reset of no consumer unanswered
	if isNotFound(err) {
		return nil
	}
	if err == nil {
		_, err = b.js.ResetConsumer(ctx, stream, durable)
	}
	if err != nil {
		return serverError(fmt.Sprintf("resetting consumer %s on %s", durable, stream), err)
	}
	return nil
}
