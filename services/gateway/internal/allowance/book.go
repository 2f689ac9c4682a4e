// Package allowance knows what workspaces may use, from a local copy of the plans bucket, and reserves it. It needs no
// database.
package allowance

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/quota"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// modePlatform is the mode of messages that the platform pays for.
const modePlatform = "platform"

// Book knows and reserves. It is safe for concurrent use.
type Book struct {
	mirror  *bus.Mirror[*bucketv1.Terms]
	counter *quota.Counter

	mu    sync.RWMutex
	terms map[string]known
}

// known are terms as they were read, or why they cannot be.
type known struct {
	terms plan.Terms
	err   error
}

// Opener opens buckets.
type Opener interface {
	Bucket(ctx context.Context, name string) (*bus.Bucket, error)
}

// New loads the plans bucket and follows it until Stop.
func New(ctx context.Context, buckets Opener) (*Book, error) {
	quotas, err := buckets.Bucket(ctx, event.BucketQuotas)
	if err != nil {
		return nil, fmt.Errorf("opening the quotas bucket: %w", err)
	}
	offers, err := buckets.Bucket(ctx, event.BucketPlans)
	if err != nil {
		return nil, fmt.Errorf("opening the plans bucket: %w", err)
	}
	book := &Book{counter: quota.New(quotas), terms: map[string]known{}}
	book.mirror, err = bus.NewMirror(ctx, offers, func() *bucketv1.Terms { return &bucketv1.Terms{} }, book.apply)
	if err != nil {
		return nil, fmt.Errorf("following the plans bucket: %w", err)
	}
	return book, nil
}

// Stop ends following. A second call does nothing.
func (b *Book) Stop() { b.mirror.Stop() }

func (b *Book) apply(key string, record *bucketv1.Terms, deleted bool) {
	terms, err := plan.Read(record)
	b.mu.Lock()
	defer b.mu.Unlock()
	if deleted {
		delete(b.terms, key)
		return
	}
	b.terms[key] = known{terms, err}
}

// Reserve takes what a message is expected to need. It returns nil where nothing is metered, and a *plan.ExceededError for
// a message that is not to be accepted. What is taken for a message that is never accepted comes back by itself.
func (b *Book) Reserve(ctx context.Context, ws workspace.ID, message *eventv1.SendMessage, now time.Time) (*eventv1.Reservation, error) {
	meter, isMetered := plan.MeterOf(channel.Kind(message.GetChannel()), len(message.GetAttachments()) > 0)
	b.mu.RLock()
	found, ok := b.terms[event.TermsKey(ws)]
	b.mu.RUnlock()
	if !ok || !isMetered {
		return nil, nil //nolint:nilnil // nothing to reserve is a good answer
	}
	if found.err != nil {
		return nil, fmt.Errorf("reading the plan of workspace %s: %w", ws, found.err)
	}
	terms := found.terms
	request := quota.Request{
		Workspace: ws, Terms: terms, Period: plan.PeriodAt(now, terms.Zone), Meter: meter,
		Units: plan.Units(meter, message.GetBody(), 1+len(message.GetCc())+len(message.GetBcc())),
	}
	reservation := &eventv1.Reservation{
		Period: request.Period.String(), Meter: string(meter), UnitPriceMicros: terms.UnitPrice(meter), Currency: terms.Currency.String(),
	}
	if message.GetMode() != modePlatform || !terms.Limits(meter) {
		return reservation, nil
	}
	mark, err := b.counter.Reserve(ctx, request)
	if err != nil {
		return nil, err
	}
	reservation.CountedWith, reservation.Units, reservation.Mark = string(terms.CountedWith(meter)), request.Units, mark
	return reservation, nil
}
