package call

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// usualRing is how long the numbers of a <Dial> ring, maxTalk how long two people talk, in seconds.
	usualRing = 30
	maxTalk   = 14_400
)

// dial rings numbers, all at once, and connects the leg with the first that answers.
func (n *Network) dial(l *leg, base string, verb Verb, done <-chan struct{}) after {
	if verb.Attr["answerOnBridge"] != "true" {
		n.pickUp(l)
	}
	r := n.ringAll(l, base, verb, done)
	within := n.seconds(float64(verb.seconds("timeout", usualRing, 1, maxTimeout)))
	outcome := n.await(r.settled, l.over, within, done)
	if outcome == cleared {
		return after{end: true}
	}
	var winner *leg
	n.locked(func() {
		winner = r.winner // somebody may have answered at the last moment
		for _, ringing := range r.legs {
			switch {
			case ringing == winner:
			case outcome == timedOut:
				n.move(ringing, NoAnswer)
			default:
				n.move(ringing, Canceled)
			}
		}
	})
	form := url.Values{}
	if winner != nil && n.whisper(winner, base, verb, done) {
		n.talk(l, winner, base, verb, form, done)
	}
	n.locked(func() { dialResult(r, winner, form) })
	if action := verb.Attr["action"]; action != "" {
		return after{at: action, more: form}
	}
	return after{}
}

// ringAll begins a leg for each number.
func (n *Network) ringAll(l *leg, base string, verb Verb, done <-chan struct{}) *ring {
	r := &ring{settled: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	from := verb.Attr["callerId"]
	if from == "" {
		from = l.Phone()
	}
	for _, noun := range verb.numbers() {
		ringing := newLeg(l.line, l.told, Leg{
			ParentID: l.ID, From: from, To: noun.Text, Direction: OutboundDial, State: Queued,
		})
		ringing.parent, ringing.ring = l, r
		if at := noun.Attr["statusCallback"]; at != "" {
			ringing.statusURL, ringing.events = resolve(base, at), strings.Fields(noun.Attr["statusCallbackEvent"])
		}
		n.add(ringing)
		r.legs = append(r.legs, ringing)
	}
	for _, ringing := range r.legs {
		n.scripts.Go(func() { n.ringPhone(ringing, done) })
	}
	return r
}

// whisper tells whoever picked up something before the two are connected; false when that ended the leg.
func (n *Network) whisper(winner *leg, base string, verb Verb, done <-chan struct{}) bool {
	for _, noun := range verb.numbers() {
		at := noun.Attr["url"]
		if noun.Text != winner.To || at == "" {
			continue
		}
		at = resolve(base, at)
		verbs, err := n.ask(winner, at, nil, done)
		if err != nil {
			n.locked(func() { n.move(winner, Completed) })
			return false
		}
		if n.follow(winner, at, screening(verbs), done).end {
			n.locked(func() { n.move(winner, Completed) })
		}
		break
	}
	return !n.isOver(winner, done)
}

// screening leaves out what one cannot do while somebody waits to be connected.
func screening(verbs []Verb) []Verb {
	var kept []Verb
	for _, verb := range verbs {
		switch verb.Name {
		case "Say", "Play", "Pause", "Gather", "Hangup", "Reject":
			kept = append(kept, verb)
		}
	}
	return kept
}

// talk connects two legs until one of them hangs up.
func (n *Network) talk(l, winner *leg, base string, verb Verb, form url.Values, done <-chan struct{}) {
	var taped *tape
	connected := false
	n.locked(func() {
		if l.State.Over() || winner.State.Over() {
			return
		}
		connected = true
		n.move(l, InProgress)
		l.peer, winner.peer = winner, l
		if mode := verb.Attr["record"]; mode != "" && mode != "do-not-record" && mode != "false" {
			taped = n.newTape(l, "DialVerb")
			l.tape, winner.tape = taped, taped
		}
	})
	if connected {
		n.awaitEnd(l, winner, done)
	}
	n.locked(func() {
		n.move(winner, Completed)
		l.peer, winner.peer, l.tape, winner.tape = nil, nil, nil, nil
		if taped != nil {
			n.endTape(taped, verb, base)
			form.Set("RecordingUrl", l.line.RecordingURL(taped.ID))
			form.Set("RecordingSid", taped.ID)
			form.Set("RecordingDuration", strconv.Itoa(taped.Duration))
		}
	})
}

// awaitEnd waits until one of two people who talk hangs up, or the client wants another document.
func (n *Network) awaitEnd(l, winner *leg, done <-chan struct{}) {
	timer := time.NewTimer(n.seconds(maxTalk))
	defer timer.Stop()
	select {
	case <-winner.over:
	case <-l.over:
	case at := <-l.turn:
		l.redirect(at) // for whoever follows the document
	case <-timer.C:
	case <-done:
	}
}

// dialResult words how a Dial ended. The lock is held.
func dialResult(r *ring, winner *leg, form url.Values) {
	told := winner
	result := string(NoAnswer)
	switch {
	case winner != nil:
		result = string(Completed)
		form.Set("DialCallDuration", strconv.Itoa(winner.Duration))
	default:
		told = r.legs[len(r.legs)-1]
		if same(r.legs) {
			result = string(told.State)
		}
	}
	form.Set("DialCallStatus", result)
	form.Set("DialCallSid", told.ID)
}

// same tells whether all legs ended alike.
func same(legs []*leg) bool {
	for _, one := range legs {
		if one.State != legs[0].State {
			return false
		}
	}
	return true
}
