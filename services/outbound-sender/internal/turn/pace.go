package turn

import "time"

const (
	// fewest keep a machine of several processors and a bus that is a network away busy enough.
	fewest = 8
	// first is how many places there are before anything is known.
	first = 16
	// window is how many steps are judged together.
	window = 64
	// Of the places, those that make the steps longer than they are alone stand in a queue. Fewer than queueLeast of
	// them, and there may be too few places; more than queueMost, and there are too many (TCP Vegas bounds its window
	// so).
	queueLeast, queueMost = 2, 5
	// fresh is the weight of a quiet window in what is known of steps that are alone.
	fresh = 0.1
)

// pace finds out how many places there should be.
type pace struct {
	most, places int
	// alone is how long a step takes when nobody waits; 0 until it is known.
	alone time.Duration
	// pressed tells that somebody waited during this window.
	pressed bool
	count   int
	sum     time.Duration
}

func newPace(most int) *pace { return &pace{most: max(1, most), places: min(first, max(1, most))} }

// add takes the time of one step.
func (p *pace) add(took time.Duration) {
	p.count++
	p.sum += took
	if p.count < window {
		return
	}
	average := max(1, p.sum/window)
	pressed := p.pressed
	p.count, p.sum, p.pressed = 0, 0, false
	switch {
	case p.alone == 0 || average < p.alone:
		p.alone = average
	case !pressed:
		p.alone += time.Duration(fresh * float64(average-p.alone))
	}
	if !pressed {
		return
	}
	queue := float64(p.places) * (1 - float64(p.alone)/float64(average))
	switch {
	case queue < queueLeast:
		p.places = min(p.places+1, p.most)
	case queue > queueMost:
		p.places = max(p.places-1, min(fewest, p.most))
	}
}
