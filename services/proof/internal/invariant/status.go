package invariant

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// listed is in the keys of what was read in a provider's list.
const listed = ":" + channel.ListedKey

// statusForward: the state of a row is the furthest that is known of it, and neither CHANGE nor a client ever saw it go
// back within an attempt.
func statusForward(c *checking) {
	for _, row := range c.messages {
		if row.Direction != outbound {
			continue
		}
		c.checked++
		if have, furthest := rankOf(row.Status), c.furthestOf(row); have < furthest {
			c.violated(row.ID, fmt.Sprintf("it is %s (%d), and something of %d is recorded", row.Status, have, furthest))
		}
	}
	c.factsForward()
	c.framesForward()
}

// furthestOf is the place of the furthest that is recorded of the newest attempt of a message.
func (c *checking) furthestOf(row message) int {
	furthest := 0
	for _, one := range c.became[row.ID] {
		if one.Attempt == row.Attempt || one.Attempt == 0 {
			furthest = max(furthest, one.Rank)
		}
	}
	return furthest
}

func (c *checking) factsForward() {
	told := map[string]int{}
	for _, one := range c.facts {
		m := one.Change.GetMessage()
		if m == nil {
			continue
		}
		c.forward(told, m.GetId(), "", int(m.GetAttempt())*1_000+rankOf(m.GetStatus()), "CHANGE")
	}
}

func (c *checking) framesForward() {
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

// recordedOnce: a callback that came several times is recorded once, and what the provider's own list tells is not
// recorded after a callback that told the same; the callback may come after it. A call is left out: its phones each tell
// theirs.
func recordedOnce(c *checking) {
	recorded := map[string]bool{}
	for _, one := range c.events {
		row := c.rows[one.Message]
		if one.Step != "callback" || one.Status == "" || one.ExternalID == "" || row == nil || row.Channel == callWord {
			continue
		}
		c.checked++
		name := one.ExternalID + " " + one.Status
		if recorded[name] {
			c.violated(one.Message, "it is recorded twice that it is "+one.Status)
		}
		recorded[name] = recorded[name] || !strings.Contains(one.Key, listed)
	}
}

// finalTruth: where every callback about a message was taken, its state is the furthest that they told.
func finalTruth(c *checking) {
	for _, row := range c.messages {
		attempts := c.callbacks[row.ExternalID]
		if row.Direction != outbound || row.ExternalID == "" || len(attempts) == 0 || row.Channel == callWord {
			continue
		}
		furthest, whole := said(attempts)
		if !whole || furthest == "" {
			continue
		}
		c.checked++
		if rankOf(row.Status) != rankOf(furthest) {
			c.violated(row.ID, "it is "+row.Status+", and the provider said "+furthest)
		}
	}
}

// said is the furthest state that callbacks told, in our words where they are the provider's too; whole tells that all
// were taken.
func said(attempts []entry) (furthest string, whole bool) {
	words, whole := regexp.MustCompile(`[a-z]+`), true
	for _, one := range attempts {
		if one.Outcome == "lost" || one.Outcome == "dropped" || one.Outcome == "overflow" {
			whole = false
		}
		for _, word := range words.FindAllString(one.Name, -1) {
			if word != wordReceived && rankOf(word) > rankOf(furthest) {
				furthest = word
			}
		}
	}
	return furthest, whole
}
