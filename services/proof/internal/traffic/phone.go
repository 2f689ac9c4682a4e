package traffic

import (
	"context"
	"hash/fnv"
	"net/http"
	"net/url"
	"time"
)

const (
	// lookEvery is how often the phones are looked at.
	lookEvery = 400 * time.Millisecond
	// longestTalk is when the last of those who talk hang up.
	longestTalk = 6 * time.Second
	// firstCaller numbers the customers of calls, each of whom is called once.
	firstCaller, callers = 200, 800
)

// dial calls a customer.
func (d *Driver) dial(ctx context.Context, o *office) {
	number := phoneNumber(d.cfg.Seed, o.number, firstCaller+int(o.calls.Add(1)-1)%callers)
	l := newLane(o, call, number)
	m := d.draft(l)
	if l.push(m) {
		d.drain(ctx, l)
	}
	if left := l.unanswered(); left != nil {
		d.leave(left)
	}
}

// leg is one phone in the sandbox.
type leg struct{ ID, To, State, Phone string }

// answerPhones answers what rings, declines some of it, and hangs up.
func (d *Driver) answerPhones(ctx context.Context) {
	for pause(ctx, lookEvery) {
		for _, one := range d.legs(ctx) {
			d.act(ctx, one)
		}
	}
}

// legs lists the newest legs.
func (d *Driver) legs(ctx context.Context) []leg {
	var found struct{ Items []leg }
	if err := d.sandbox.demand(ctx, http.MethodGet, "/api/calls?limit=200", nil, &found); err != nil {
		return nil
	}
	return found.Items
}

// act does with a leg what its id says, the same each time. What it cannot do any more is no harm.
func (d *Driver) act(ctx context.Context, one leg) {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(one.ID)) // it never fails
	var what string
	switch {
	case one.State == "ringing" && hash.Sum32()%8 == 0:
		what = "decline"
	case one.State == "ringing":
		what = "answer"
	case one.State == "in_progress" && isOver(hash.Sum32(), time.Now()):
		what = "hang-up"
	default:
		return
	}
	_, _ = d.sandbox.call(ctx, http.MethodPost, "/api/calls/"+url.PathEscape(one.ID)+"/"+what, nil) // looked at again
}

// isOver tells that somebody hangs up: everybody does in one third of any longestTalk, some in each.
func isOver(hash uint32, now time.Time) bool {
	third := now.UnixNano() / int64(longestTalk/3)
	return (int64(hash)+third)%3 == 0
}
