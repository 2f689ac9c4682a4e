package invariant

import (
	"regexp"
	"slices"
	"time"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// The words of rows that the invariants ask for.
const (
	inbound  = "inbound"
	outbound = "outbound"
	unknown  = "unknown"
	callWord = "call"
)

// markerPattern is how the driver of the load marks what it sends.
const markerPattern = `m-[0-9]+-[0-9]+\.`

// arranged is the evidence with what belongs together found.
type arranged struct {
	*evidence
	marks *regexp.Regexp
	// sends are what the workspaces wanted sent, and inbounds what customers wrote, by marker.
	sends    map[string]*send
	inbounds map[string]history.Record
	// owners are the workspaces by the markers of everything that is theirs.
	owners map[string]string
	// rows are the messages by id.
	rows map[string]*message
	// arrivals are what customers received, by marker.
	arrivals map[string][]entry
	// callbacks are the attempts of callbacks, by the provider's id of the message.
	callbacks map[string][]entry
	// became is what became of a message, by its id, in the order recorded.
	became map[string][]occurrence
	// wereUnknown are the messages whose outcome was unknown for a time.
	wereUnknown map[string]bool
}

// send is a message that a workspace wanted sent, over all the times it asked for it.
type send struct {
	history.Record
	// Begun is when it was asked for first, Accepted when it was answered well, zero if never.
	Begun, Accepted time.Time
	// Refused tells that the last answer was a refusal, Open that at least one attempt was never answered.
	Refused, Open bool
	// Others are ids that a repetition was answered with, other than the first.
	Others []string
}

func arrange(e *evidence) *arranged {
	a := &arranged{
		evidence: e, marks: regexp.MustCompile(markerPattern), sends: map[string]*send{}, inbounds: map[string]history.Record{},
		owners: map[string]string{}, rows: map[string]*message{}, arrivals: map[string][]entry{}, callbacks: map[string][]entry{},
		became: map[string][]occurrence{}, wereUnknown: map[string]bool{},
	}
	for _, record := range e.history.Records(history.Send, history.Inbound) {
		a.owners[record.Marker] = record.Workspace
		if record.Kind == history.Inbound {
			a.inbounds[record.Marker] = record
			continue
		}
		a.addSend(record)
	}
	for at := range e.messages {
		a.rows[e.messages[at].ID] = &e.messages[at]
	}
	for _, one := range e.journal {
		switch one.Kind {
		case received:
			for _, marker := range a.markersOf(one.Subject + "\n" + one.Text) {
				a.arrivals[marker] = append(a.arrivals[marker], one)
			}
		case calledBack:
			a.callbacks[one.ExternalID] = append(a.callbacks[one.ExternalID], one)
		}
	}
	for _, one := range e.events {
		a.became[one.Message] = append(a.became[one.Message], one)
		a.wereUnknown[one.Message] = a.wereUnknown[one.Message] || one.Status == unknown
	}
	return a
}

func (a *arranged) addSend(record history.Record) {
	known := a.sends[record.Marker]
	if known == nil {
		known = &send{Record: record, Begun: record.At}
		a.sends[record.Marker] = known
	}
	switch record.Outcome {
	case history.Accepted:
		if known.Accepted.IsZero() {
			known.Record, known.Accepted = record, record.End
		}
		if record.ID != known.ID {
			known.Others = append(known.Others, record.ID)
		}
		known.Refused = false
	case history.Refused:
		known.Refused = known.Accepted.IsZero()
	case history.Failed:
		known.Open = true
	}
}

// markersOf lists the markers in a text, each once.
func (a *arranged) markersOf(text string) []string {
	found := a.marks.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// inOrder lists the sends in the order they were begun, so that reports are the same each time.
func (a *arranged) inOrder() []*send {
	sends := make([]*send, 0, len(a.sends))
	for _, one := range a.sends {
		sends = append(sends, one)
	}
	slices.SortFunc(sends, func(x, y *send) int { return x.Begun.Compare(y.Begun) })
	return sends
}

// answeredWell tells that an attempt of a callback about the message was answered 2xx.
func (a *arranged) answeredWell(externalID string) bool {
	return slices.ContainsFunc(a.callbacks[externalID], func(one entry) bool { return one.Status >= 200 && one.Status < 300 })
}
