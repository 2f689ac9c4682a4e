package bus

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

const (
	janitorInterval = time.Minute
	highWater       = 0.8
	lowWater        = 0.6
	alarmWater      = 0.9
)

// Janitor trims the streams each minute until ctx is done. Several at once are harmless.
func (b *Bus) Janitor(ctx context.Context, specs []event.StreamSpec) error {
	for {
		if err := b.Trim(ctx, specs); err != nil && ctx.Err() == nil {
			b.logger.WarnContext(ctx, "streams not trimmed", errorAttr(err))
		}
		if !pause(ctx, janitorInterval) {
			return nil
		}
	}
}

// Trim removes from each stream what is processed and either older than its retention or beyond four fifths of its
// size. What any durable consumer has not acknowledged stays, and so does everything while one of spec.Durables does
// not exist yet. A stream without retention is a person's to trim.
func (b *Bus) Trim(ctx context.Context, specs []event.StreamSpec) error {
	for _, spec := range specs {
		if err := b.trim(ctx, spec); err != nil {
			return fmt.Errorf("trimming stream %s: %w", spec.Name, err)
		}
	}
	return nil
}

func (b *Bus) trim(ctx context.Context, spec event.StreamSpec) error {
	stream, err := b.js.Stream(ctx, spec.Name)
	if err != nil {
		return serverError("reading its state", err)
	}
	info := stream.CachedInfo()
	used := float64(info.State.Bytes) / float64(info.Config.MaxBytes)
	b.measures.used.WithLabelValues(spec.Name).Set(used)
	if used > alarmWater {
		b.logger.ErrorContext(ctx, "stream almost full", slog.String("stream", spec.Name),
			slog.Uint64("bytes", info.State.Bytes), slog.Int64("max_bytes", info.Config.MaxBytes))
	}
	if info.State.Msgs == 0 || spec.Retention == 0 {
		return nil
	}
	wanted, err := b.dispensable(ctx, spec, info)
	if err != nil || wanted < info.State.FirstSeq {
		return err
	}
	floor, err := processedUpTo(ctx, stream, spec, info.State.LastSeq)
	if err != nil {
		return err
	}
	last := min(wanted, floor)
	if last < info.State.FirstSeq {
		return nil
	}
	if err := stream.Purge(ctx, jetstream.WithPurgeSequence(last+1)); err != nil {
		return serverError("purging", err)
	}
	b.logger.InfoContext(ctx, "stream trimmed", slog.String("stream", spec.Name), slog.Uint64("up_to", last))
	return nil
}

// dispensable is the last sequence that may go by age or size.
func (b *Bus) dispensable(ctx context.Context, spec event.StreamSpec, info *jetstream.StreamInfo) (uint64, error) {
	last, err := b.olderThan(ctx, spec.Name, info, time.Now().Add(-spec.Retention))
	if err != nil {
		return 0, err
	}
	size, limit := float64(info.State.Bytes), float64(info.Config.MaxBytes)
	if size <= highWater*limit {
		return last, nil
	}
	share := (size - lowWater*limit) / size
	bySize := info.State.FirstSeq + uint64(share*float64(info.State.LastSeq-info.State.FirstSeq+1)) - 1
	return max(last, bySize), nil
}

// olderThan is the last sequence stored before the instant.
func (b *Bus) olderThan(
	ctx context.Context, stream string, info *jetstream.StreamInfo, instant time.Time,
) (uint64, error) {
	if !info.State.FirstTime.Before(instant) {
		return info.State.FirstSeq - 1, nil
	}
	if info.State.LastTime.Before(instant) {
		return info.State.LastSeq, nil
	}
	consumer, err := b.js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartTimePolicy, OptStartTime: &instant, HeadersOnly: true,
	})
	if err != nil {
		return 0, serverError("looking for its age", err)
	}
	newer, err := consumer.Next(jetstream.FetchMaxWait(apiTimeout))
	if err != nil {
		return 0, serverError("looking for its age", err)
	}
	metadata, err := newer.Metadata()
	if err != nil {
		return 0, fmt.Errorf("looking for its age: %w", err)
	}
	return metadata.Sequence.Stream - 1, nil
}

// processedUpTo is the last sequence that every durable consumer of the stream has acknowledged with all before it.
// last is the stream's last sequence as it was before the consumers are asked. They are asked twice: one that is made
// while another hands over to it, and acknowledges what it leaves to it, would be missing from the first answer.
func processedUpTo(ctx context.Context, stream jetstream.Stream, spec event.StreamSpec, last uint64) (uint64, error) {
	first, err := lowestFloor(ctx, stream, spec, last)
	if err != nil {
		return 0, err
	}
	return lowestFloor(ctx, stream, spec, first)
}

// lowestFloor is the lowest ack floor of the durable consumers, last when none is lower, and 0 while one of the
// declared ones is missing.
func lowestFloor(ctx context.Context, stream jetstream.Stream, spec event.StreamSpec, last uint64) (uint64, error) {
	floor := last
	missing := map[string]bool{}
	for _, name := range spec.Durables {
		missing[name] = true
	}
	consumers := stream.ListConsumers(ctx)
	for info := range consumers.Info() {
		delete(missing, info.Name)
		idle := info.NumPending == 0 && info.NumAckPending == 0
		if info.Config.Durable == "" || idle && info.Delivered.Stream > 0 {
			continue // an ephemeral one, or one that has processed everything that concerns it
		}
		floor = min(floor, info.AckFloor.Stream)
	}
	if err := consumers.Err(); err != nil {
		return 0, serverError("asking its consumers", err)
	}
	if len(missing) > 0 {
		return 0, nil
	}
	return floor, nil
}
