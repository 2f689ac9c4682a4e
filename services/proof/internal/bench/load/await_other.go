//go:build !linux

package load

import (
	"context"
	"time"
)

// await waits until an instant; false when ctx ends before.
func await(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
