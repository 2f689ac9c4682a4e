package load

import (
	"context"
	"errors"
	"syscall"
	"time"
)

// await waits until an instant; false when ctx ends before. The timers of the runtime are up to a millisecond late on an
// idle processor, so the kernel is asked.
func await(ctx context.Context, at time.Time) bool {
	for wait := time.Until(at); wait > 0 && ctx.Err() == nil; wait = time.Until(at) {
		request := syscall.NsecToTimespec(int64(wait))
		if err := syscall.Nanosleep(&request, nil); err != nil && !errors.Is(err, syscall.EINTR) {
			return false
		}
	}
	return ctx.Err() == nil
}
