package channel

import (
	"context"
	"time"
)

// Dater tells when an inbound message was written, for providers whose webhooks do not say: the OccurredAt of what they
// bring is zero. Optional.
type Dater interface {
	// WrittenAt asks the provider for the time of the message. It returns ErrNotFound when the provider knows no such
	// message; every other error is an *Error.
	WrittenAt(ctx context.Context, inbound Inbound) (time.Time, error)
}
