package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what a load brought.
type Result struct {
	// Done counts the requests that were answered with a 2xx, in Took.
	Done int
	Took time.Duration
	// Begun is when the first request was sent.
	Begun time.Time
	// Latency is in microseconds.
	Latency *hdrhistogram.Histogram
}

// PerSecond is the rate.
func (r Result) PerSecond() float64 { return float64(r.Done) / r.Took.Seconds() }

// newHistogram counts from a microsecond to a minute, to three digits.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, time.Minute.Microseconds(), 3)
}

// Next gives the request to send next, and false when there is none any more. Several goroutines call it.
type Next func() (Request, bool)

// Each gives every request once.
func Each(requests []Request) Next {
	var next atomic.Int64
	return func() (Request, bool) {
		i := int(next.Add(1)) - 1
		if i >= len(requests) {
			return nil, false
		}
		return requests[i], true
	}
}

// Around gives the requests again and again.
func Around(requests []Request) Next {
	var next atomic.Int64
	return func() (Request, bool) { return requests[int(next.Add(1)-1)%len(requests)], true }
}

// Closed keeps so many requests under way at a host for a while, or until there are no more. The first error ends it.
func Closed(ctx context.Context, host string, concurrency int, each time.Duration, next Next) (Result, error) {
	begun := time.Now()
	running, cancel := context.WithDeadline(ctx, begun.Add(each))
	defer cancel()
	return crew(ctx, host, concurrency, begun, func(own *Result, c *conn) error {
		for running.Err() == nil {
			more, err := own.one(c, next)
			if err != nil {
				cancel()
				return err
			}
			if !more {
				return nil
			}
		}
		return nil
	})
}

// crew gives each of so many connections to a worker with a result of its own, and adds the results up.
func crew(
	ctx context.Context, host string, count int, begun time.Time, work func(own *Result, c *conn) error,
) (Result, error) {
	connections, err := dialAll(ctx, host, count)
	if err != nil {
		return Result{}, err
	}
	defer closeAll(connections)
	var workers sync.WaitGroup
	results, errs := make([]Result, count), make([]error, count)
	for i, c := range connections {
		results[i].Latency = newHistogram()
		workers.Go(func() { errs[i] = work(&results[i], c) })
	}
	workers.Wait()
	total := Result{Begun: begun, Took: time.Since(begun), Latency: newHistogram()}
	for _, one := range results {
		total.Done += one.Done
		total.Latency.Merge(one.Latency)
	}
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return Result{}, fmt.Errorf("loading %s: %w", host, err)
	}
	return total, nil
}

// one sends one request and counts it; false when it was the last.
func (r *Result) one(c *conn, next Next) (more bool, err error) {
	request, ok := next()
	if !ok {
		return false, nil
	}
	at := time.Now()
	if err := c.do(request); err != nil {
		return false, err
	}
	r.Done++
	_ = r.Latency.RecordValue(time.Since(at).Microseconds()) // no answer takes longer than the range
	return true, nil
}

func dialAll(ctx context.Context, host string, count int) ([]*conn, error) {
	connections := make([]*conn, 0, count)
	for range count {
		c, err := dial(ctx, host)
		if err != nil {
			closeAll(connections)
			return nil, err
		}
		connections = append(connections, c)
	}
	return connections, nil
}

func closeAll(connections []*conn) {
	for _, c := range connections {
		_ = c.Close() // nothing is under way
	}
}
