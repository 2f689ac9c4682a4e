package invariant

import (
	"fmt"
	"slices"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// The verbs of facts.
const (
	wordCreated  = "created"
	wordReceived = "received"
	wordUpdated  = "updated"
)

// factsOnce: CHANGE tells of each message and conversation once that it is there, of each state once and in the order
// they were come to, and last of the one the row is in; and it holds nothing twice.
func factsOnce(c *checking) {
	begun, last := c.begins(), c.statesOnce()
	for _, row := range c.messages {
		c.beginsOnce("message", row.ID, begun[row.ID])
		if told := last[row.ID]; told != nil && told.GetStatus() != row.Status {
			c.violated(row.ID, "it is "+row.Status+", and the last that is told is "+told.GetStatus())
		}
	}
	for _, row := range c.conversations {
		c.beginsOnce("conversation", row.ID, begun[row.ID])
	}
	for id := range last {
		if c.rows[id] == nil {
			c.violated(id, "it is told of, and there is no row")
		}
	}
}

// begins counts by id how often it is told that something is there, and notes what is told twice word for word.
func (c *checking) begins() map[string]int {
	ids, begun := map[string]uint64{}, map[string]int{}
	for _, one := range c.facts {
		c.checked++
		if before := ids[one.ID]; one.ID != "" && before != 0 {
			c.violated(one.Change.GetEntityId(), fmt.Sprintf("facts %d and %d are the same", before, one.Seq))
		}
		ids[one.ID] = one.Seq
		if verb := one.Change.GetVerb(); verb == wordCreated || verb == wordReceived {
			begun[one.Change.GetEntityId()]++
		}
	}
	return begun
}

// statesOnce notes states that are told twice, and gives the last that is told of each message.
func (c *checking) statesOnce() map[string]*eventv1.Message {
	states, last := map[string]bool{}, map[string]*eventv1.Message{}
	for _, one := range c.facts {
		m, verb := one.Change.GetMessage(), one.Change.GetVerb()
		if m == nil {
			continue
		}
		last[m.GetId()] = m
		name := fmt.Sprintf("%s %s %d", m.GetId(), verb, m.GetAttempt())
		if states[name] && verb != wordUpdated {
			c.violated(m.GetId(), "it is told twice that it is "+verb)
		}
		states[name] = true
	}
	return last
}

func (c *checking) beginsOnce(what, id string, times int) {
	c.checked++
	if times != 1 {
		c.violated(id, fmt.Sprintf("that the %s is there is told %d times", what, times))
	}
}

// clientsSaw: from where it began, a client saw every fact of its workspace once and in order, or was told to reload.
func clientsSaw(c *checking) {
	facts := map[string][]uint64{}
	for _, one := range c.facts {
		facts[one.Workspace] = append(facts[one.Workspace], one.Seq)
	}
	views, quiet := map[string]*view{}, c.quietAt()
	for _, record := range c.history.Records(history.Connect, history.Frame) {
		if views[record.Client] == nil {
			views[record.Client] = &view{name: record.Client, facts: facts[record.Workspace]}
		}
		views[record.Client].take(c, record)
		if record.Kind == history.Connect && record.Outcome == history.Accepted && quiet != nil && record.At.After(quiet.At) {
			views[record.Client].final = quiet.Seq
		}
	}
	for _, one := range views {
		one.end(c)
	}
}

// quietAt is when nothing was found to move any more, and how far CHANGE was then; nil when that was never so.
func (c *checking) quietAt() *history.Record {
	for _, record := range c.history.Records(history.Seen) {
		if record.Name == history.Quiet {
			return &record
		}
	}
	return nil
}

// view is what one client has seen.
type view struct {
	name  string
	facts []uint64
	// at is the sequence up to which the client has everything; begun tells that it has a place at all.
	at    uint64
	begun bool
	hello uint64
	// broken tells that a violation was noted already.
	broken bool
	// final is how far CHANGE was when the client came back for the last time, once nothing moved; 0 when it did not.
	final uint64
}

func (v *view) take(c *checking, record history.Record) {
	if record.Frame == nil {
		return
	}
	switch record.Frame.Type {
	case "hello":
		v.hello = record.Seq
		if !v.begun {
			v.at, v.begun = record.Seq, true
		}
	case "reload":
		v.at = v.hello
	case "change":
		c.checked++
		v.change(c, record)
	}
}

func (v *view) change(c *checking, record history.Record) {
	if v.broken {
		return // one violation a client is enough
	}
	next, _ := slices.BinarySearch(v.facts, v.at+1)
	switch {
	case record.Seq <= v.at:
		v.violated(c, fmt.Sprintf("was sent %d again, having seen up to %d", record.Seq, v.at))
	case next == len(v.facts):
		v.violated(c, fmt.Sprintf("was sent %d, past the end of what its workspace has", record.Seq))
	case v.facts[next] != record.Seq:
		v.violated(c, fmt.Sprintf("was sent %d after %d, and its workspace has %d next", record.Seq, v.at,
			v.facts[next]))
	}
	v.at = max(v.at, record.Seq)
}

// end checks that a client that came back once nothing moved got to the end.
func (v *view) end(c *checking) {
	if v.broken || !v.begun {
		return
	}
	for _, next := range v.facts {
		if next > v.at && next <= v.final {
			v.violated(c, fmt.Sprintf("stopped at %d, and its workspace has %d next", v.at, next))
			return
		}
	}
}

func (v *view) violated(c *checking, detail string) {
	v.broken = true
	c.violated(v.name, "the client "+detail)
}
