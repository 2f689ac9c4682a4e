package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/hook"
)

// mark is how far an account was swept, as this process wrote it last.
type mark struct {
	key      string
	until    time.Time
	revision uint64
}

// claim reads the mark and writes it anew. It returns errTaken when another process did so a short while ago.
func (s *Sweeper) claim(ctx context.Context, endpoint hook.Endpoint) (*mark, error) {
	m := &mark{key: event.SweepKey(endpoint.Provider, endpoint.Account)}
	entry, err := s.ledger.Get(ctx, m.key)
	if errors.Is(err, bus.ErrKeyNotFound) {
		return m, s.write(ctx, m)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the mark: %w", err)
	}
	if s.now().Sub(entry.Created) < s.config.Every*freshOf/freshIn {
		return nil, errTaken
	}
	kept := &bucketv1.SweepMark{}
	if err := proto.Unmarshal(entry.Value, kept); err == nil && kept.GetUntil() != nil {
		m.until = kept.GetUntil().AsTime()
	}
	m.revision = entry.Revision
	return m, s.write(ctx, m)
}

// write writes the mark, unless somebody else has since. It returns errTaken then.
func (s *Sweeper) write(ctx context.Context, m *mark) error {
	kept := &bucketv1.SweepMark{}
	if !m.until.IsZero() {
		kept.Until = timestamppb.New(m.until)
	}
	value, err := proto.Marshal(kept)
	if err != nil {
		return fmt.Errorf("encoding the mark: %w", err)
	}
	var revision uint64
	if m.revision == 0 {
		revision, err = s.ledger.Create(ctx, m.key, value)
	} else {
		revision, err = s.ledger.Update(ctx, m.key, value, m.revision)
	}
	if errors.Is(err, bus.ErrKeyExists) || errors.Is(err, bus.ErrRevisionMismatch) {
		return errTaken
	}
	if err != nil {
		return fmt.Errorf("writing the mark: %w", err)
	}
	m.revision = revision
	return nil
}
