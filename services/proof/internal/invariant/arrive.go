package invariant

import (
	"fmt"
	"slices"
	"strings"
)

// isBad tells that a state says that nothing, or not all, came through.
func isBad(status string) bool {
	return slices.Contains([]string{"undelivered", "failed", "bounced", "blocked", "canceled", "expired"}, status)
}

// acceptedArrives: whatever was answered 202 is a row, and reached its customer, or says why not, or is unknown.
func acceptedArrives(c *checking) {
	for _, one := range c.inOrder() {
		if one.Accepted.IsZero() {
			continue
		}
		c.checked++
		row := c.rows[one.ID]
		switch {
		case row == nil:
			c.violated(one.Marker, "it was accepted as message "+one.ID+", of which there is no row")
		case row.Status == unknown:
		case isBad(row.Status):
			if row.Failure == "" && row.Status != "canceled" && row.Channel != callWord {
				c.violated(one.Marker, "it is "+row.Status+" without a reason")
			}
		case one.Channel == callWord:
			if !slices.ContainsFunc(c.legs, func(l leg) bool { return l.ID == row.ExternalID }) {
				c.violated(one.Marker, "it is "+row.Status+", and no phone rang")
			}
		case len(c.arrivals[one.Marker]) == 0 && !c.wordLost(*row):
			c.violated(one.Marker, "it is "+row.Status+", and the customer has not got it")
		}
	}
}

// nothingTwice: no customer got the same message twice, unless a person sent it again.
func nothingTwice(c *checking) {
	for _, one := range c.inOrder() {
		c.checked++
		row, times := c.rows[one.ID], len(c.arrivals[one.Marker])
		if one.Channel == callWord {
			times = c.rings(one.Customer)
		}
		allowed := 1
		if row != nil {
			allowed = max(1, row.Attempt)
		}
		if times > allowed {
			c.violated(one.Marker, fmt.Sprintf("the customer got it %d times", times))
		}
		for _, arrived := range c.arrivals[one.Marker] {
			if arrived.Customer != strings.ToLower(one.Customer) {
				c.violated(one.Marker, "it was sent to "+one.Customer+" and reached "+arrived.Customer)
			}
		}
	}
}

// answeredOnce: a repetition of a request is answered with the same message, and there is one row of it.
func answeredOnce(c *checking) {
	rows := map[string]int{}
	for _, row := range c.messages {
		for _, marker := range c.markersOf(row.Body) {
			if row.Direction == outbound {
				rows[marker]++
			}
		}
	}
	for _, one := range c.inOrder() {
		c.checked++
		if len(one.Others) > 0 {
			c.violated(one.Marker, fmt.Sprintf("it was answered with %s and with %v", one.ID, one.Others))
		}
		if rows[one.Marker] > 1 {
			c.violated(one.Marker, fmt.Sprintf("there are %d rows of it", rows[one.Marker]))
		}
	}
}

// rings counts how often the phone of a customer rang for us.
func (c *checking) rings(customer string) int {
	times := 0
	for _, one := range c.legs {
		if one.Phone == customer && one.Direction == outbound {
			times++
		}
	}
	return times
}

// nothingUnasked: what reached a customer was accepted, or an attempt to send it was not answered, or it is the answer
// of a program that the database knows of.
func nothingUnasked(c *checking) {
	automatic := map[string]bool{}
	for _, row := range c.messages {
		automatic[row.ExternalID] = automatic[row.ExternalID] || row.Automatic
	}
	for _, arrived := range c.journal {
		if arrived.Kind != received {
			continue
		}
		c.checked++
		markers := c.markersOf(arrived.Subject + "\n" + arrived.Text)
		if len(markers) == 0 && !automatic[arrived.ExternalID] {
			c.violated(arrived.ExternalID, arrived.Customer+" got something that nobody sent: "+arrived.Text)
		}
		for _, marker := range markers {
			one := c.sends[marker]
			if one == nil {
				c.violated(marker, arrived.Customer+" got something that nobody sent")
			} else if one.Refused && !one.Open {
				c.violated(marker, "the customer got what the workspace was told is not sent")
			}
		}
	}
}

// takenOnce: of each attempt of a message the provider took one call, and the row names the message that arrived.
func takenOnce(c *checking) {
	for _, row := range c.messages {
		if row.Direction != outbound {
			continue
		}
		c.checked++
		if taken := c.namesOf(row.ID); taken > row.Attempt {
			c.violated(row.ID, fmt.Sprintf("the provider took %d messages for %d attempts", taken, row.Attempt))
		}
	}
	c.namesAgree()
	c.callsOwned()
}

// callsOwned: what a provider took belongs to one message. What no message names may be of one whose outcome is unknown.
func (c *checking) callsOwned() {
	owners := map[string]map[string]bool{}
	for _, one := range c.events {
		if one.ExternalID != "" && one.Message != "" {
			if owners[one.ExternalID] == nil {
				owners[one.ExternalID] = map[string]bool{}
			}
			owners[one.ExternalID][one.Message] = true
		}
	}
	for _, one := range c.journal {
		if one.Kind != requested || one.ExternalID == "" {
			continue
		}
		c.checked++
		if len(owners[one.ExternalID]) > 1 {
			c.violated(one.ExternalID, fmt.Sprintf("%d messages name it", len(owners[one.ExternalID])))
		}
	}
}

// namesOf counts the provider's ids that were recorded of a message.
func (c *checking) namesOf(id string) int {
	names := map[string]bool{}
	for _, one := range c.became[id] {
		if one.ExternalID != "" {
			names[one.ExternalID] = true
		}
	}
	return len(names)
}

// namesAgree: a row names the message that its customer got.
func (c *checking) namesAgree() {
	for _, one := range c.inOrder() {
		row := c.rows[one.ID]
		if row == nil || row.Status == unknown || row.Attempt > 1 {
			continue
		}
		for _, arrived := range c.arrivals[one.Marker] {
			if row.ExternalID != "" && arrived.ExternalID != row.ExternalID {
				c.violated(one.Marker, "the row names "+row.ExternalID+" at the provider, and the customer got "+arrived.ExternalID)
			}
		}
	}
}

// orderKept: what was accepted in one conversation one after the other arrived in that order. A message whose outcome
// was unknown for a time is left out: the provider may have taken it at any later instant.
func orderKept(c *checking) {
	type arrival struct {
		turn   int
		seq    uint64
		marker string
	}
	lanes := map[string][]arrival{}
	for _, one := range c.inOrder() {
		arrived := c.arrivals[one.Marker]
		if one.Accepted.IsZero() || len(arrived) == 0 || c.wereUnknown[one.ID] {
			continue
		}
		lanes[one.Lane] = append(lanes[one.Lane], arrival{one.Turn, arrived[0].Seq, one.Marker})
	}
	for _, lane := range lanes {
		slices.SortFunc(lane, func(x, y arrival) int { return x.turn - y.turn })
		for at := 1; at < len(lane); at++ {
			c.checked++
			if lane[at].seq < lane[at-1].seq {
				c.violated(lane[at].marker, "it was accepted after "+lane[at-1].marker+" and arrived before it")
			}
		}
	}
}
