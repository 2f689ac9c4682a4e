package credential

import (
	"log/slog"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

const (
	firstPause = time.Second
	lastPause  = time.Minute
)

// Line is the way out for the messages of one credential and sender address.
type Line struct {
	Connection channel.Connection
	// Token is the last part of the address that callbacks go to; empty for the platform's credential.
	Token string

	pool *Pool
	link *link
	gate *gate
}

// Enter tells whether a message of the workspace may be sent now. If not, pass is called once when it may.
func (l *Line) Enter(ws workspace.ID, pass func()) bool { return l.gate.enter(ws, pass) }

// Slow pauses the credential, every sender address of it, as long as the provider asked for, or, when it did not say,
// longer each time until a message passes. Answers to calls that were under way when the pause began lengthen it only
// when they say for how long.
func (l *Line) Slow(retryAfter time.Duration) {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	now := time.Now()
	if retryAfter <= 0 {
		if now.Before(l.link.until) {
			return
		}
		retryAfter = min(firstPause<<min(l.link.slowed, 10), lastPause)
		l.link.slowed++
	}
	until := now.Add(retryAfter)
	if !until.After(l.link.until) {
		return
	}
	l.link.until = until
	for _, g := range l.link.gates {
		g.pause(until)
	}
}

// Passed tells that the provider took a message at the rate we send.
func (l *Line) Passed() {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	l.link.slowed = 0
}

// Hold stops everything that uses the credential until it works again.
func (l *Line) Hold(reason string) {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	if l.link.held != "" || l.link.connection != l.Connection {
		return // held already, or replaced since
	}
	l.link.held, l.link.heldSince = reason, time.Now()
	l.pool.tellReporter()
	l.pool.cfg.Logger.Error("credential refused, its messages wait",
		slog.String("credential", l.link.secret.Name), slog.String("reason", reason))
	for _, g := range l.link.gates {
		g.hold(true)
	}
}
