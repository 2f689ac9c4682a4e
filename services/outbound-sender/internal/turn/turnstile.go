// Package turn lets a few at a time at what all workspaces share, the workspaces in turn.
//
// The calls to providers wait for the world, and many of them may. What a message does before and after its call it
// does at the bus and on this machine's processors, where more at a time do not make more in a second: beyond a few
// they only stand in a queue that knows no turns, and the message of a neighbour at its end. So they stand in ours.
package turn

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// Turnstile lets as many in as there are places, and finds out how many places there should be: as many as make the
// steps no slower than they are alone, and a few more. It is safe for concurrent use.
type Turnstile struct {
	mu      sync.Mutex
	inside  int
	waiting map[workspace.ID][]chan struct{}
	turn    []workspace.ID // workspaces that wait, in the order of their turns
	pace    *pace
}

// New makes a turnstile of at most so many places.
func New(most int) *Turnstile {
	return &Turnstile{waiting: map[workspace.ID][]chan struct{}{}, pace: newPace(most)}
}

// Do makes a step of a workspace when it is its turn. When ctx ends before, the step is not made.
func (t *Turnstile) Do(ctx context.Context, ws workspace.ID, step func() error) error {
	if err := t.enter(ctx, ws); err != nil {
		return err
	}
	begun := time.Now()
	defer func() { t.leave(time.Since(begun)) }()
	return step()
}

// Places tells how many may be inside at the moment.
func (t *Turnstile) Places() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pace.places
}

func (t *Turnstile) enter(ctx context.Context, ws workspace.ID) error {
	t.mu.Lock()
	if t.inside < t.pace.places && len(t.turn) == 0 {
		t.inside++
		t.mu.Unlock()
		return nil
	}
	t.pace.pressed = true
	admitted := make(chan struct{})
	if len(t.waiting[ws]) == 0 {
		t.turn = append(t.turn, ws)
	}
	t.waiting[ws] = append(t.waiting[ws], admitted)
	t.mu.Unlock()
	select {
	case <-admitted:
		return nil
	case <-ctx.Done():
		t.giveUp(ws, admitted)
		return fmt.Errorf("waiting for a turn: %w", ctx.Err())
	}
}

// giveUp takes a place in the queue back, or the place inside if it was given meanwhile.
func (t *Turnstile) giveUp(ws workspace.ID, admitted chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.Index(t.waiting[ws], admitted)
	if at < 0 {
		t.inside--
		t.admit()
		return
	}
	t.waiting[ws] = slices.Delete(t.waiting[ws], at, at+1)
	if len(t.waiting[ws]) == 0 {
		delete(t.waiting, ws)
		t.turn = slices.DeleteFunc(t.turn, func(other workspace.ID) bool { return other == ws })
	}
}

func (t *Turnstile) leave(took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inside--
	t.pace.add(took)
	t.admit()
}

// admit lets in who may. The caller holds mu.
func (t *Turnstile) admit() {
	for t.inside < t.pace.places && len(t.turn) > 0 {
		ws := t.turn[0]
		t.turn = t.turn[1:]
		close(t.waiting[ws][0])
		t.inside++
		if t.waiting[ws] = t.waiting[ws][1:]; len(t.waiting[ws]) > 0 {
			t.turn = append(t.turn, ws)
		} else {
			delete(t.waiting, ws)
		}
	}
}
