package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

const (
	// maxToken is longer than any token we give out.
	maxToken = 128
	// absentFor is how long a token that nobody knows is refused without another look.
	absentFor = 5 * time.Second
	maxAbsent = 10_000
)

// Directory knows every principal from a local copy of the bucket; a token that is not in the copy is looked up in the
// bucket once. It is safe for concurrent use.
type Directory struct {
	bucket *bus.Bucket
	mirror *bus.Mirror[*bucketv1.Principal]
	absent *lru.Cache[string, time.Time]
}

// New loads the bucket and follows it until Stop. ended is called with the key of every principal that is taken away.
func New(ctx context.Context, bucket *bus.Bucket, ended func(key string)) (*Directory, error) {
	absent, err := lru.New[string, time.Time](maxAbsent)
	if err != nil {
		return nil, fmt.Errorf("making the list of absent tokens: %w", err)
	}
	directory := &Directory{bucket: bucket, absent: absent}
	directory.mirror, err = bus.NewMirror(ctx, bucket, func() *bucketv1.Principal { return &bucketv1.Principal{} },
		func(key string, _ *bucketv1.Principal, deleted bool) {
			if deleted {
				ended(key)
				return
			}
			absent.Remove(key)
		})
	if err != nil {
		return nil, fmt.Errorf("following the access bucket: %w", err)
	}
	return directory, nil
}

// Stop ends following. A second call does nothing.
func (d *Directory) Stop() { d.mirror.Stop() }

// Authenticate tells who a token stands for. It returns ErrUnknown, or bus.ErrUnavailable when the token is not in the
// copy and the bucket cannot be asked.
func (d *Directory) Authenticate(ctx context.Context, token string) (Principal, error) {
	if token == "" || len(token) > maxToken {
		return Principal{}, ErrUnknown
	}
	key, now := event.AccessKey(token), time.Now()
	if until, ok := d.absent.Get(key); ok && now.Before(until) {
		return Principal{}, ErrUnknown
	}
	principal, err := d.find(ctx, key)
	if err != nil {
		return Principal{}, err
	}
	if principal.expired(now) {
		return Principal{}, ErrUnknown
	}
	return principal, nil
}

// Forget refuses a principal from now on, before the bucket's news of its end arrives.
func (d *Directory) Forget(key string) { d.absent.Add(key, time.Now().Add(absentFor)) }

func (d *Directory) find(ctx context.Context, key string) (Principal, error) {
	if record, ok := d.mirror.Get(key); ok {
		return principalFrom(key, record)
	}
	entry, err := d.bucket.Get(ctx, key)
	if errors.Is(err, bus.ErrKeyNotFound) {
		d.Forget(key)
		return Principal{}, ErrUnknown
	}
	if err != nil {
		return Principal{}, fmt.Errorf("looking up a token: %w", err)
	}
	return decode(key, entry.Value)
}
