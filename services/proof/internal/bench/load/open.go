package load

import (
	"context"
	"time"
)

// Schedule is when the requests of an open loop are due: the nth at Begun + n*Every, whatever became of those before.
type Schedule struct {
	Begun time.Time
	Every time.Duration
}

// At is when a request is due.
func (s Schedule) At(n int) time.Time { return s.Begun.Add(time.Duration(n) * s.Every) }

// soon is how long after the call the first request of an open loop is due.
const soon = 50 * time.Millisecond

// Open sends the requests at a rate, each when it is due: a system that is slow gets no less to do. Latencies are
// counted from the instant a request was due. The schedule says which that was.
func Open(ctx context.Context, host string, perSecond, connections int, requests []Request) (Result, Schedule, error) {
	schedule := Schedule{Begun: time.Now().Add(soon), Every: time.Second / time.Duration(perSecond)}
	due := make(chan int, len(requests))
	go func() {
		defer close(due)
		for n := range requests {
			if !await(ctx, schedule.At(n)) {
				return
			}
			due <- n
		}
	}()
	result, err := crew(ctx, host, connections, schedule.Begun, func(own *Result, c *conn) error {
		for n := range due {
			if err := c.do(requests[n]); err != nil {
				return err
			}
			own.Done++
			_ = own.Latency.RecordValue(time.Since(schedule.At(n)).Microseconds()) // no answer takes longer than the range
		}
		return nil
	})
	return result, schedule, err
}
