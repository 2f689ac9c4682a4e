package invariant

import (
	"fmt"
	"regexp"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// statusForward: the state of a row is the furthest that is known of it, and neither CHANGE nor a client ever saw it go
// back within an attempt.
func statusForward(c *checking) {
	for _, row := range c.messages {
		if row.Direction != outbound {
			continue
		}
		c.checked++
		furthest := 0
		for _, one := range c.became[row.ID] {
			if one.Attempt == row.Attempt || one.Attempt == 0 {
				furthest = max(furthest, one.Rank)
			}
		}
		if have := rankOf(row.Status); have < furthest {
			c.violated(row.ID, fmt.Sprintf("it is %s (%d), and something of %d is recorded", row.Status, have, furthest))
		}
	}
	told := map[string]int{}
	for _, one := range c.facts {
		m := one.Change.GetMessage()
		if m == nil {
			continue
		}
		c.forward(told, m.GetId(), "", int(m.GetAttempt())*1_000+rankOf(m.GetStatus()), "CHANGE")
	}
	seen := map[string]int{}
	for _, record := range c.history.Records(history.Frame) {
		if record.Frame == nil || record.Frame.Entity != "message" {
			continue
		}
		c.forward(seen, record.ID, record.Client, max(1, record.Attempt)*1_000+rankOf(record.Frame.Status), "client "+record.Client)
	}
}

// forward notes a message that somebody saw go back.
func (c *checking) forward(furthest map[string]int, id, who string, place int, where string) {
	c.checked++
	if place < furthest[who+id] {
		c.violated(id, fmt.Sprintf("%s saw it go back from %d to %d", where, furthest[who+id], place))
	}
	furthest[who+id] = max(furthest[who+id], place)
}

// finalTruth: where every callback about a message was taken, its state is the furthest that they told.
func finalTruth(c *checking) {
	words := regexp.MustCompile(`[a-z]+`)
	for _, row := range c.messages {
		attempts := c.callbacks[row.ExternalID]
		if row.Direction != outbound || row.ExternalID == "" || len(attempts) == 0 || row.Channel == callWord {
			continue
		}
		furthest, lost := "", false
		for _, one := range attempts {
			switch one.Outcome {
			case "lost", "dropped", "overflow":
				lost = true
			}
			for _, word := range words.FindAllString(one.Name, -1) {
				if rank := rankOf(word); word != "received" && rank > rankOf(furthest) {
					furthest = word
				}
			}
		}
		if lost || furthest == "" {
			continue
		}
		c.checked++
		if rankOf(row.Status) != rankOf(furthest) {
			c.violated(row.ID, "it is "+row.Status+", and the provider said "+furthest)
		}
	}
}
