package call

import (
	"cmp"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// maxDocuments bounds how many documents one call follows.
	maxDocuments = 200
	// ringDelay is the time from dialling to ringing, in seconds.
	ringDelay = 0.2
	// usualTimeout and maxTimeout are how long a phone rings, in seconds.
	usualTimeout = 60
	maxTimeout   = 600
	// maxPause bounds a <Pause>, usualGather how long a <Gather> waits, in seconds.
	maxPause    = 600
	usualGather = 5
	// broken is what a caller hears when there is no document to follow.
	broken = "We are sorry. An application error has occurred. Goodbye."
)

// outgoing rings the phone of a call that was placed, and follows the document once it is answered.
func (n *Network) outgoing(l *leg, wanted Placement, wait time.Duration, done <-chan struct{}) {
	if !n.pause(l, wait, done) || !n.ringPhone(l, done) {
		return
	}
	timeout := cmp.Or(min(wanted.Timeout, maxTimeout), usualTimeout)
	switch n.await(l.up, l.over, n.seconds(float64(timeout)), done) {
	case first:
		n.script(l, wanted.URL, done)
	case timedOut:
		n.locked(func() { n.move(l, NoAnswer) })
	case second, cleared:
	}
}

// ringPhone lets a phone ring, unless its number leads nowhere; false when the call is over.
func (n *Network) ringPhone(l *leg, done <-chan struct{}) bool {
	n.locked(func() { n.move(l, Initiated) })
	if !n.pause(l, n.seconds(ringDelay), done) {
		return false
	}
	ringing := false
	n.locked(func() {
		if end := fate(l.To); end != "" {
			n.move(l, end)
			return
		}
		ringing = n.move(l, Ringing)
	})
	return ringing
}

func (n *Network) locked(do func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	do()
}

// awaited is which of several things came first.
type awaited int

const (
	first awaited = iota
	second
	timedOut
	cleared
)

func (n *Network) await(one, other <-chan struct{}, within time.Duration, done <-chan struct{}) awaited {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-done:
		return cleared
	case <-one:
		return first
	case <-other:
		return second
	case <-timer.C:
		return timedOut
	}
}

// pause waits; false when the leg ended before.
func (n *Network) pause(l *leg, wait time.Duration, done <-chan struct{}) bool {
	return n.await(l.over, nil, wait, done) == timedOut
}

// idle lets a call wait so many seconds, or until another document is wanted.
func (n *Network) idle(l *leg, seconds int, done <-chan struct{}) {
	timer := time.NewTimer(n.seconds(float64(seconds)))
	defer timer.Stop()
	select {
	case <-done:
	case <-l.over:
	case at := <-l.turn:
		l.redirect(at) // for whoever follows the document
	case <-timer.C:
	}
}

// after is what follows a verb: the next one when it is zero.
type after struct {
	// at is asked for another document, with more parameters.
	at   string
	more url.Values
	// end ends the call.
	end bool
}

// script asks for a document and follows it, and the one after it, until the call is over.
func (n *Network) script(l *leg, at string, done <-chan struct{}) {
	more := url.Values{}
	for range maxDocuments {
		verbs, err := n.ask(l, at, more, done)
		if n.isOver(l, done) {
			return
		}
		if err != nil {
			n.fail(l)
			return
		}
		next := n.follow(l, at, verbs, done)
		if n.isOver(l, done) && next.at == "" {
			return
		}
		if next.end || next.at == "" {
			n.locked(func() { n.finish(l) })
			return
		}
		at, more = next.at, next.more
	}
	n.fail(l)
}

func (n *Network) isOver(l *leg, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-l.over:
		return true
	default:
		return false
	}
}

// fail lets the caller hear that something went wrong, and ends the call.
func (n *Network) fail(l *leg) {
	n.locked(func() {
		l.hear(broken)
		if l.State == InProgress {
			n.move(l, Completed)
		}
		n.move(l, Failed)
	})
}

// finish hangs up at the end of a document. A caller who still heard it ring is answered first. The lock is held.
func (n *Network) finish(l *leg) {
	n.move(l, InProgress)
	n.move(l, Completed)
}

// pickUp answers the call of a caller, as soon as there is something to hear.
func (n *Network) pickUp(l *leg) { n.locked(func() { n.move(l, InProgress) }) }

// follow does what a document says, verb after verb.
func (n *Network) follow(l *leg, base string, verbs []Verb, done <-chan struct{}) after {
	for _, verb := range verbs {
		next := n.do(l, base, verb, done)
		select {
		case at := <-l.turn:
			return after{at: at}
		default:
		}
		if next.at != "" {
			next.at = resolve(base, next.at)
			return next
		}
		if next.end || n.isOver(l, done) {
			return next
		}
	}
	return after{}
}

func (n *Network) do(l *leg, base string, verb Verb, done <-chan struct{}) after {
	switch verb.Name {
	case "Say":
		n.pickUp(l)
		n.locked(func() { l.hear(shorten(verb.Text)) })
	case "Play":
		n.pickUp(l)
		n.locked(func() { l.hear("♪ " + shorten(verb.Text)) })
	case "Pause":
		n.idle(l, verb.seconds("length", 1, 0, maxPause), done)
	case "Gather":
		n.pickUp(l)
		if next := n.follow(l, base, verb.Nouns, done); next.at != "" || next.end {
			return next
		}
		n.idle(l, verb.seconds("timeout", usualGather, 0, maxPause), done)
	case "Dial":
		return n.dial(l, base, verb, done)
	case "Record":
		return n.record(l, base, verb, done)
	case "Redirect":
		return after{at: verb.Text}
	case "Reject":
		n.locked(func() { n.reject(l, verb.Attr["reason"]) })
		return after{end: true}
	case "Hangup":
		return after{end: true}
	}
	return after{}
}

// reject turns a caller down: a call that is answered already is hung up. The lock is held.
func (n *Network) reject(l *leg, reason string) {
	if l.State == InProgress {
		n.move(l, Completed)
		return
	}
	if reason == "busy" {
		n.move(l, Busy)
		return
	}
	n.move(l, NoAnswer)
}

// resolve makes a place absolute that is relative to the document naming it.
func resolve(base, place string) string {
	from, err := url.Parse(base)
	if err != nil {
		return place
	}
	to, err := from.Parse(strings.TrimSpace(place))
	if err != nil {
		return place
	}
	return to.String()
}

func shorten(text string) string {
	if utf8.RuneCountInString(text) <= maxText {
		return text
	}
	return string([]rune(text)[:maxText])
}
