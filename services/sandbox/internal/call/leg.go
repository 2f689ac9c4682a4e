package call

import (
	"math"
	"slices"
	"time"
)

// State is the state of a leg, in the providers' words.
type State string

// The states; see the package.
const (
	Queued     State = "queued"
	Initiated  State = "initiated"
	Ringing    State = "ringing"
	InProgress State = "in-progress"
	Completed  State = "completed"
	Busy       State = "busy"
	NoAnswer   State = "no-answer"
	Failed     State = "failed"
	Canceled   State = "canceled"
)

const (
	rankFinal = 4
	// maxSaid bounds what is kept of what a phone hears, and maxSpoken of what is spoken into it.
	maxSaid, maxSpoken = 200, 200
)

func (s State) rank() int {
	switch s {
	case Queued:
		return 0
	case Initiated:
		return 1
	case Ringing:
		return 2
	case InProgress:
		return 3
	case Completed, Busy, NoAnswer, Failed, Canceled:
		return rankFinal
	default:
		return rankFinal
	}
}

// Over tells whether the state is the last one.
func (s State) Over() bool { return s.rank() == rankFinal }

// event is the name of the state among the events of a status callback.
func (s State) event() string {
	switch {
	case s == InProgress:
		return "answered"
	case s.Over():
		return "completed"
	default:
		return string(s)
	}
}

// The directions of a leg, in the providers' words.
const (
	Inbound      = "inbound"
	OutboundAPI  = "outbound-api"
	OutboundDial = "outbound-dial"
)

// Leg is what is known of a leg.
type Leg struct {
	ID, ParentID, Provider, From, To, Direction string
	State                                       State
	Created                                     time.Time
	// Answered and Ended are zero until then.
	Answered, Ended time.Time
	// Duration is the time from answer to end, in seconds of the network, rounded up.
	Duration int
	// Said is what the phone heard, Spoken what was spoken into it.
	Said, Spoken []string
	// RecordingID is the newest recording of the leg that is complete; empty when there is none.
	RecordingID string
}

// Phone is the number of the person's phone.
func (l Leg) Phone() string {
	if l.Direction == Inbound {
		return l.From
	}
	return l.To
}

// leg is a Leg at work. The network's lock guards all of it but the channels.
type leg struct {
	Leg
	line   *Line
	parent *leg
	// statusURL is told of the events.
	statusURL string
	events    []string
	sequence  int
	told      *chain
	// up is closed when the leg is answered, over when it has ended.
	up, over chan struct{}
	// spoke wakes a recording, turn takes a document the client wants instead.
	spoke chan struct{}
	turn  chan string
	// peer is the leg at the other end while the two are connected, tape what records this one.
	peer *leg
	tape *tape
	// ring is the Dial that rings this phone, nil when none does.
	ring *ring
}

func newLeg(line *Line, told *chain, known Leg) *leg {
	known.Provider = line.Name
	return &leg{
		Leg: known, line: line, told: told, up: make(chan struct{}), over: make(chan struct{}),
		spoke: make(chan struct{}, 1), turn: make(chan string, 1),
	}
}

func (l *leg) snapshot() Leg {
	known := l.Leg
	known.Said, known.Spoken = slices.Clone(l.Said), slices.Clone(l.Spoken)
	return known
}

// redirect wants another document to be followed, unless one is wanted already.
func (l *leg) redirect(at string) {
	select {
	case l.turn <- at:
	default:
	}
}

// hear lets the phone hear a text.
func (l *leg) hear(text string) { l.Said = appendBounded(l.Said, text, maxSaid) }

func appendBounded(list []string, text string, most int) []string {
	if len(list) >= most {
		return list
	}
	return append(list, text)
}

// ring is the phones that one Dial rings at once.
type ring struct {
	legs   []*leg
	winner *leg
	// settled is closed when somebody has answered or nobody can any more.
	settled chan struct{}
	done    bool
}

func (r *ring) settle() {
	if !r.done {
		r.done = true
		close(r.settled)
	}
}

// roundUp is a duration in seconds of the network.
func (n *Network) roundUp(d time.Duration) int { return int(math.Ceil(float64(d) / float64(n.second))) }
