package invariant

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// stopHeld: what a workspace was asked to send after a customer's STOP was answered, and before the customer wrote
// START, did not arrive.
func stopHeld(c *checking) {
	stops, starts := c.commands()
	for _, one := range c.inOrder() {
		for _, arrived := range c.arrivals[one.Marker] {
			for _, stop := range stops[one.Lane] {
				c.checked++
				started := slices.ContainsFunc(starts[one.Lane], func(at time.Time) bool {
					return at.After(stop.Add(-settling)) && at.Before(arrived.At.Add(settling))
				})
				if one.Begun.After(stop) && !started {
					c.violated(one.Marker, "it was sent after the customer's STOP of "+stop.UTC().Format(time.RFC3339Nano)+" and arrived")
				}
			}
		}
	}
}

// commands are by lane when a STOP was answered, and when a START was written.
func (c *checking) commands() (stops, starts map[string][]time.Time) {
	stops, starts = map[string][]time.Time{}, map[string][]time.Time{}
	for _, record := range c.history.Records(history.Inbound) {
		if record.Name == "START" {
			starts[record.Lane] = append(starts[record.Lane], record.At)
		}
		if at, ok := c.answeredAt(record.ID); ok && record.Name == "STOP" {
			stops[record.Lane] = append(stops[record.Lane], at)
		}
	}
	return stops, starts
}

// settling is how far two instants may lie apart and still be one for this comparison: a STOP and a START that were
// written at once have no order.
const settling = 2 * time.Second

// answeredAt is when a callback about a message was answered well first.
func (c *checking) answeredAt(externalID string) (time.Time, bool) {
	for _, one := range c.callbacks[externalID] {
		if one.Status >= 200 && one.Status < 300 {
			return one.At, true
		}
	}
	return time.Time{}, false
}

// apiAgrees: the API shows the row's state to the row's workspace.
func apiAgrees(c *checking) {
	for id, got := range c.shown {
		c.checked++
		row := c.rows[id]
		switch {
		case got.HTTP != http.StatusOK:
			c.violated(id, fmt.Sprintf("the API answers %d", got.HTTP))
		case row != nil && got.Status != row.Status:
			c.violated(id, "it is "+row.Status+", and the API shows "+got.Status)
		}
	}
	for at, got := range c.files {
		c.checked++
		if got.HTTP != http.StatusOK {
			c.violated(at, fmt.Sprintf("the API answers %d for the file", got.HTTP))
		}
	}
}

// threadsWhole: a customer has one conversation with a workspace on a channel, and its row shows its newest message.
func threadsWhole(c *checking) {
	held := map[string]string{}
	for _, one := range c.conversations {
		c.checked++
		if one.Last != one.Newest {
			c.violated(one.Last, "the conversation "+one.ID+" shows it, and its newest message is "+one.Newest)
		}
		key := one.Workspace + " " + one.Channel + " " + one.Peer
		if other := held[key]; other != "" {
			c.violated(one.Newest, "it is in "+one.ID+", and there is "+other+" with the same customer")
		}
		held[key] = one.ID
	}
}

// nothingLeft: no consumer has anything to do, nothing waits to be told, and no message waits to be sent.
func nothingLeft(c *checking) {
	for _, one := range c.consumers {
		c.checked++
		if one.Pending > 0 || one.Unacknowledged > 0 {
			c.violated(one.Name, fmt.Sprintf("the consumer of %s has %d pending and %d unacknowledged", one.Stream, one.Pending,
				one.Unacknowledged))
		}
	}
	c.checked++
	if c.outbox > 0 {
		c.violated("outbox", fmt.Sprintf("%d changes are committed and not told", c.outbox))
	}
	for _, row := range c.messages {
		c.checked++
		if slices.Contains([]string{"scheduled", "queued", "sending"}, row.Status) && !c.wordLost(row) {
			c.violated(row.ID, "it is still "+row.Status)
		}
	}
}

// wordLost tells that the provider has taken a message, and what it said of it later was lost on the way: nobody can
// know more than that it was taken.
func (c *checking) wordLost(row message) bool {
	if row.ExternalID == "" {
		return false
	}
	_, whole := said(c.callbacks[row.ExternalID])
	for _, one := range c.legs {
		if one.ParentID == row.ExternalID {
			_, other := said(c.callbacks[one.ID])
			whole = whole && other
		}
	}
	return !whole
}
