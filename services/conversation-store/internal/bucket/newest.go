package bucket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// newestTries is how often a consent is written again when somebody else wrote it meanwhile.
const newestTries = 10

// PutConsent writes an entry of the consent bucket unless a newer one is there, and tells whether it did. The rows are
// not the only source of the bucket: whoever hears STOP writes it there at once, when the rows may be hours behind.
func PutConsent(ctx context.Context, into *bus.Bucket, key string, value []byte) (bool, error) {
	var failed error
	for range newestTries {
		held, err := into.Get(ctx, key)
		switch {
		case errors.Is(err, bus.ErrKeyNotFound):
			_, failed = into.Create(ctx, key, value)
		case err != nil:
			return false, err
		case isNewer(held.Value, value):
			return false, nil
		default:
			_, failed = into.Update(ctx, key, value, held.Revision)
		}
		if failed == nil {
			return true, nil
		}
		if !errors.Is(failed, bus.ErrRevisionMismatch) && !errors.Is(failed, bus.ErrKeyExists) {
			return false, failed
		}
	}
	return false, fmt.Errorf("writing a consent that others write too: %w", failed)
}

// isNewer tells whether what is held was said later than what is to be written. What cannot be read is no consent.
func isNewer(held, value []byte) bool {
	return saidAt(held).After(saidAt(value))
}

func saidAt(value []byte) time.Time {
	var consent eventv1.Consent
	if err := proto.Unmarshal(value, &consent); err != nil || !consent.GetChangedAt().IsValid() {
		return time.Time{}
	}
	return consent.GetChangedAt().AsTime().Truncate(time.Microsecond) // rows hold no more
}
