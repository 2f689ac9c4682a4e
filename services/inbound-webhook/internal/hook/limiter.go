package hook

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// bytesPerToken is how much of a body costs as much as a request.
	bytesPerToken = 16 << 10
	// everybody is how much all addresses together may use of what one may.
	everybody = 10
	// maxAddresses bounds the memory of the limiter.
	maxAddresses = 8192
)

// limiter bounds what strangers may put into quarantine: by address, and all together. Proved webhooks never come
// here.
type limiter struct {
	limit rate.Limit
	burst int

	mu    sync.Mutex
	all   *rate.Limiter
	seen  map[netip.Addr]*rate.Limiter
	clock func() time.Time
}

func newLimiter(perSecond float64, burst int, clock func() time.Time) *limiter {
	return &limiter{
		limit: rate.Limit(perSecond), burst: burst, clock: clock,
		all: rate.NewLimiter(rate.Limit(perSecond*everybody), burst*everybody), seen: map[netip.Addr]*rate.Limiter{},
	}
}

// allow takes what a request of the size costs, or tells that there is not enough left.
func (l *limiter) allow(address netip.Addr, size int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, cost := l.clock(), 1+size/bytesPerToken
	own, ok := l.seen[networkOf(address)]
	if !ok {
		l.forget(now)
		own = rate.NewLimiter(l.limit, l.burst)
		l.seen[networkOf(address)] = own
	}
	// A body larger than the burst would never be let in; it takes all there is.
	return own.AllowN(now, min(cost, l.burst)) && l.all.AllowN(now, cost)
}

// forget makes room by dropping those that have their whole burst again, and everyone when that is not enough.
func (l *limiter) forget(now time.Time) {
	if len(l.seen) < maxAddresses {
		return
	}
	for address, own := range l.seen {
		if own.TokensAt(now) >= float64(l.burst) {
			delete(l.seen, address)
		}
	}
	if len(l.seen) >= maxAddresses {
		clear(l.seen)
	}
}

// networkOf is what one party has to itself: an IPv4 address, an IPv6 /64.
func networkOf(address netip.Addr) netip.Addr {
	address = address.Unmap().WithZone("")
	if !address.Is6() {
		return address
	}
	prefix, err := address.Prefix(64) //nolint:mnd // the smallest network a site gets
	if err != nil {
		return address
	}
	return prefix.Addr()
}
