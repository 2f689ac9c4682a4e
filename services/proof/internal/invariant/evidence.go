package invariant

import (
	"context"
	"fmt"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// evidence is everything that was found, once nothing moved any more. The invariants look at it and at nothing else.
type evidence struct {
	history *history.History
	// journal is what the outside world says happened, in its order; legs are its phones.
	journal []entry
	legs    []leg
	// messages are the rows, and events what became of them, in the order they were recorded.
	messages      []message
	events        []occurrence
	conversations []thread
	outbox        int
	// facts are what CHANGE holds, in its order.
	facts []fact
	// setAside are the texts of QUARANTINE and DEADLETTER.
	setAside  []string
	consumers []consumer
	// shown is what the API shows of messages, by their id; files the content of attachments that it gives, by their sum.
	shown map[string]shown
	files map[string]download
}

// entry is one entry of the sandbox's journal.
type entry struct {
	Seq        uint64
	At         time.Time
	Kind       string
	Provider   string
	Channel    string
	ExternalID string
	Customer   string
	Business   string
	Subject    string
	Text       string
	Files      []history.File
	Name       string
	Key        string
	Attempt    int
	Status     int
	Outcome    string
	Detail     string
}

// The kinds of entries.
const (
	received   = "received"
	written    = "written"
	requested  = "request"
	calledBack = "callback"
)

// leg is one phone of the sandbox.
type leg struct {
	ID, ParentID, Provider, From, To, Phone, Direction, State string
	StartedAt                                                 time.Time
}

// message is a row of a message.
type message struct {
	Workspace, ID, Conversation, Channel, Direction, Status string
	Order, Attempt                                          int
	Provider, ExternalID, From, To, Body, Failure           string
	Segments                                                int
	Automatic                                               bool
	CreatedAt                                               time.Time
	Files                                                   []attachment
}

// attachment is a file of a row. Missing says why it is not there.
type attachment struct{ ID, Filename, Missing string }

// occurrence is what became of a message, as it was recorded.
type occurrence struct {
	Workspace, Message, Status, Step, ExternalID, Key string
	Rank, Attempt                                     int
	At                                                time.Time
}

// thread is a row of a conversation. Last is the message its row shows, and Newest the one that it holds.
type thread struct{ Workspace, ID, Channel, Peer, Last, Newest string }

// fact is one message of CHANGE.
type fact struct {
	Seq uint64
	// Workspace is that of the subject; ID is what the server tells repeated publishes by.
	Workspace, ID string
	At            time.Time
	Change        *eventv1.Change
}

// consumer is how far a consumer is behind.
type consumer struct {
	Stream, Name            string
	Pending, Unacknowledged int
}

// shown is what the API shows of a message: the HTTP status, and the state when there is one.
type shown struct {
	HTTP   int
	Status string
}

// download is what the API gives for an attachment.
type download struct {
	HTTP int
	history.File
}

// gather finds the evidence.
func gather(ctx context.Context, w World) (*evidence, error) {
	e := &evidence{history: w.History, shown: map[string]shown{}, files: map[string]download{}}
	for _, step := range []struct {
		name string
		do   func(context.Context, World) error
	}{
		{"the journal of the sandbox", e.readSandbox},
		{"the database", e.readDatabase},
		{"the streams", e.readStreams},
		{"the API", e.readAPI},
	} {
		if err := step.do(ctx, w); err != nil {
			return nil, fmt.Errorf("reading %s: %w", step.name, err)
		}
	}
	return e, nil
}

// rankOf is the place of a state in the order of all states.
func rankOf(status string) int {
	rank, _ := channel.Status(status).Rank()
	return rank
}
