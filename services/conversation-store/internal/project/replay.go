package project

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// ErrNotProjected is returned by Replay for a stream that nothing is made of.
var ErrNotProjected = errors.New("the stream is not projected")

// Replay runs messages that were read from a stream through the projector once more, beside its consumers: what is there
// already is found by its keys and left as it is. quiet writes no facts, for rows that were told of before they were
// lost. A message that cannot be processed is counted and logged, and keeps none of the others back. An error means that
// the database is not there.
func (p *Projector) Replay(ctx context.Context, stream string, messages []*bus.Message, quiet bool) (failed int, err error) {
	add := map[string]func(*work, *bus.Message) error{
		event.StreamSend: (*work).addSend, event.StreamInbound: (*work).addInbound, event.StreamReceipt: (*work).addReceipt,
	}[stream]
	if add == nil {
		return 0, fmt.Errorf("%w: %s", ErrNotProjected, stream)
	}
	for chunk := range chunks(messages) {
		if len(chunk) == 0 {
			continue
		}
		if p.replay(ctx, chunk, add, quiet) == nil {
			continue
		}
		for _, m := range chunk { // one after the other, so that only the poisoned one is left out
			err := p.replay(ctx, []*bus.Message{m}, add, quiet)
			if postgres.Unavailable(err) || ctx.Err() != nil {
				return failed, fmt.Errorf("replaying %s %d: %w", stream, m.Sequence(), err)
			}
			if err != nil {
				failed++
				p.logger.WarnContext(ctx, "message cannot be replayed", slog.String("stream", stream),
					slog.Uint64("sequence", m.Sequence()), slog.Any("err", err))
			}
		}
	}
	return failed, nil
}

func (p *Projector) replay(
	ctx context.Context, chunk []*bus.Message, add func(*work, *bus.Message) error, quiet bool,
) error {
	w := work{windows: p.windows, isReplay: true, isQuiet: quiet}
	for _, m := range chunk {
		if err := add(&w, m); err != nil {
			return err
		}
	}
	return p.commit(ctx, &w)
}
