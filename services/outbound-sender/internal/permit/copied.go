package permit

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
)

// copied is a bucket with a local copy. What the copy lets through goes without asking the server, as long as the copy
// is fresh; a no is always confirmed, for the yes may have been written a moment ago.
type copied[T proto.Message] struct {
	bucket *bus.Bucket
	mirror *bus.Mirror[T]
	newT   func() T
}

func follow[T proto.Message](ctx context.Context, b *bus.Bus, name string, newT func() T) (*copied[T], error) {
	bucket, err := b.Bucket(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("following bucket %s: %w", name, err)
	}
	mirror, err := bus.NewMirror(ctx, bucket, newT)
	if err != nil {
		return nil, fmt.Errorf("following bucket %s: %w", name, err)
	}
	return &copied[T]{bucket: bucket, mirror: mirror, newT: newT}, nil
}

// lets tells whether the value of a key passes rule. A key that is not there is an empty value. exact asks the bucket in
// any case: a copy may be a moment behind.
func (c *copied[T]) lets(ctx context.Context, key string, exact bool, rule func(T) bool) (T, bool, error) {
	if value, there := c.mirror.Get(key); !exact && c.mirror.Fresh() {
		if !there {
			value = c.newT()
		}
		if rule(value) {
			return value, true, nil
		}
	}
	value := c.newT()
	entry, err := c.bucket.Get(ctx, key)
	switch {
	case errors.Is(err, bus.ErrKeyNotFound):
		return value, rule(value), nil
	case err != nil:
		return value, false, err
	}
	if err := proto.Unmarshal(entry.Value, value); err != nil {
		return value, false, fmt.Errorf("decoding %s: %w", key, err)
	}
	return value, rule(value), nil
}
