package faultplan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind is what is done.
type Kind string

// What can be done. All but the cuts last for a while.
const (
	// Kill, Pause and Restart concern a copy of a service: kill -9 and a start later, SIGSTOP and SIGCONT later, SIGTERM
	// and a start at once.
	Kill    Kind = "kill"
	Pause   Kind = "pause"
	Restart Kind = "restart"

	NATSKill Kind = "nats-kill"
	NATSCut  Kind = "nats-cut"

	// PostgresStop is a fast shutdown, PostgresKill a power cut; both are started again later.
	PostgresStop Kind = "postgres-stop"
	PostgresKill Kind = "postgres-kill"
	PostgresSlow Kind = "postgres-slow"
	PostgresCut  Kind = "postgres-cut"

	ProviderSlow     Kind = "provider-slow"
	ProviderFails    Kind = "provider-fails"
	ProviderThrottle Kind = "provider-throttles"
	// ProviderDrops takes the message and cuts the connection instead of answering.
	ProviderDrops     Kind = "provider-drops-answers"
	CallbacksLost     Kind = "callbacks-lost"
	CallbacksDoubled  Kind = "callbacks-doubled"
	CallbacksShuffled Kind = "callbacks-shuffled"

	// Point kills or pauses the process that comes to a named instant in the code.
	Point Kind = "point"
	// AckLost has consumers lose their acknowledgements, BlobFull has the folder of the files refuse to grow.
	AckLost  Kind = "ack-lost"
	BlobFull Kind = "blob-full"
)

// Kinds lists what can be done.
func Kinds() []Kind {
	var all []Kind
	for _, t := range tracks() {
		for _, kind := range t.kinds {
			if !slices.Contains(all, kind) {
				all = append(all, kind)
			}
		}
	}
	return all
}

// ParseKinds reads a list with commas; "on" is everything, "off" is nothing.
func ParseKinds(text string) ([]Kind, error) {
	switch text {
	case "on":
		return Kinds(), nil
	case "off":
		return nil, nil
	}
	var chosen []Kind
	for word := range strings.SplitSeq(text, ",") {
		kind := Kind(strings.TrimSpace(word))
		if !slices.Contains(Kinds(), kind) {
			return nil, fmt.Errorf("reading the kinds of faults: %q is none of %v", word, Kinds())
		}
		chosen = append(chosen, kind)
	}
	return chosen, nil
}

// Fault is one thing that is done.
type Fault struct {
	// At is when, counted from the beginning.
	At   time.Duration
	Kind Kind
	// Target is the process or the point, where there is one.
	Target string
	// For is how long it lasts.
	For time.Duration
	// Action is what happens at a point.
	Action string
}

// String tells the fault in a line.
func (f Fault) String() string {
	parts := []string{string(f.Kind)}
	for _, part := range []string{f.Target, f.Action} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if f.For > 0 {
		parts = append(parts, "for "+f.For.String())
	}
	return strings.Join(parts, " ")
}
