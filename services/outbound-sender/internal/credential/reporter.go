package credential

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// reportAgain is when a report that failed is made again.
const reportAgain = 10 * time.Second

func (p *Pool) tellReporter() {
	select {
	case p.changed <- struct{}{}:
	default: // it has been told
	}
}

// Report keeps the bucket event.BucketHeld as the workspaces' own credentials are, until ctx ends: those that are held are
// in it. What the process before this one has written stays until its credential is used again.
func (p *Pool) Report(ctx context.Context, b *bus.Bus) error {
	bucket, err := b.Bucket(ctx, event.BucketHeld)
	if err != nil {
		return err
	}
	told := reported{}
	for key, err := range bucket.Keys(ctx) {
		if err != nil {
			return fmt.Errorf("reading which credentials are held: %w", err)
		}
		told[key] = byOther
	}
	ticker := time.NewTicker(reportAgain)
	defer ticker.Stop()
	for {
		if err := p.report(ctx, bucket, told); err != nil && ctx.Err() == nil {
			p.cfg.Logger.WarnContext(ctx, "not told yet which credentials are held", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.changed:
		case <-ticker.C:
		}
	}
}

// reported is what stands in the bucket, and who wrote it.
type reported map[string]writer

type writer int

const (
	nobody writer = iota
	byOther
	byUs
)

// report writes what is another than told, and notes it there.
func (p *Pool) report(ctx context.Context, bucket *bus.Bucket, told reported) error {
	used := p.own()
	for key, by := range told {
		if held, isUsed := used[key]; held == nil && (isUsed || by == byUs) {
			if err := bucket.Delete(ctx, key); err != nil {
				return err
			}
			delete(told, key)
		}
	}
	for key, held := range used {
		if held == nil || told[key] != nobody {
			continue
		}
		if err := put(ctx, bucket, key, held); err != nil {
			return err
		}
		told[key] = byUs
	}
	return nil
}

func put(ctx context.Context, bucket *bus.Bucket, key string, held *bucketv1.HeldCredential) error {
	value, err := proto.Marshal(held)
	if err != nil {
		return fmt.Errorf("encoding what is held: %w", err)
	}
	_, err = bucket.Put(ctx, key, value)
	return err
}

// own are the workspaces' own credentials that are in use, by key; nil for one that is not held.
func (p *Pool) own() map[string]*bucketv1.HeldCredential {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := map[string]*bucketv1.HeldCredential{}
	for name, l := range p.links {
		text, id, ok := strings.Cut(strings.TrimPrefix(name, modeOwn+"/"), "/")
		ws, err := workspace.ParseID(text)
		if !ok || err != nil || !strings.HasPrefix(name, modeOwn+"/") {
			continue
		}
		key := event.CredentialKey(ws, id)
		if found[key] = nil; l.held != "" {
			found[key] = &bucketv1.HeldCredential{
				WorkspaceId: text, CredentialId: id, Reason: l.held, Since: timestamppb.New(l.heldSince),
			}
		}
	}
	return found
}
