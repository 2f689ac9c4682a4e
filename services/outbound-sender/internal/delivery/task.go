package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/schedule"
)

const (
	// routeLooks and routeWait bear with a local copy of the routes that is a moment behind.
	routeLooks = 10
	routeWait  = 200 * time.Millisecond

	busWaitFirst = 100 * time.Millisecond
	busWaitMost  = 5 * time.Second
)

// task is one message on its way out. Its Run is called by one goroutine at a time.
type task struct {
	d    *Deliverer
	m    *bus.Message
	ws   workspace.ID
	send *eventv1.SendMessage
	lane string

	record  ledger.Record         // the ledger entry as last read or written
	claimed *bucketv1.LedgerEntry // our own claim as last written, also when the answer to the write got lost
	line    *credential.Line      // the way out
	files   []channel.File        // as they are in the blob store; nil until they were looked at
	granted bool                  // the gate has let us pass
	room    room                  // what the files take of the budget
	counted bool                  // as an automatic message of its conversation
	told    bool                  // that it was claimed
	tries   int                   // calls to the provider so far
	since   time.Time             // of the first of them
	doubt   string                // why an earlier call may have reached the customer; empty when none can have
	looks   int                   // how often the route was not there
	stumble int                   // how often the bus was not there

	end *ending
}

// ending is how an attempt ended and how much of that has been told.
type ending struct {
	// entry is what the ledger has to hold; nil writes nothing.
	entry    *bucketv1.LedgerEntry
	recorded bool
	// poison is why the message is dead-lettered instead of acknowledged.
	poison error
	// silent ends the task without a receipt.
	silent bool
}

var _ schedule.Task = (*task)(nil)

func newTask(d *Deliverer, m *bus.Message) *task {
	t := &task{d: d, m: m, ws: m.Workspace(), send: &eventv1.SendMessage{}}
	err := m.Decode(t.send)
	if err == nil {
		err = validate(t.send, t.ws)
	}
	t.lane = t.send.GetConversationId()
	if err != nil {
		t.end = t.poisoned(err)
	}
	return t
}

func (t *task) kind() channel.Kind { return channel.Kind(t.send.GetChannel()) }

// Lane implements schedule.Task.
func (t *task) Lane() string { return t.lane }

// Sequence implements schedule.Task.
func (t *task) Sequence() uint64 { return t.m.Sequence() }

// Size implements schedule.Task: the event as it came, and as it was decoded.
func (t *task) Size() int { return 2 * len(t.m.Payload()) }

// GiveBack implements schedule.Task. What the provider has answered already is recorded now if the bus can be reached:
// the next process would have to call it unknown.
func (t *task) GiveBack() {
	if t.end != nil && t.d.Bus.Healthy() == nil && t.conclude(t.m.Context(context.Background())) == nil {
		return
	}
	_ = t.m.Retry(0) // comes again after the wait for an acknowledgement anyway
}

// Run implements schedule.Task.
func (t *task) Run(ctx context.Context, wake func()) schedule.Verdict {
	ctx = t.m.Context(ctx)
	t.room.queued = false
	verdict, err := t.advance(ctx, wake)
	t.leaveRoom()
	if err == nil && t.end != nil {
		err = t.conclude(ctx)
		verdict = schedule.Finished()
	}
	if err != nil {
		t.stumble++
		t.d.Logger.WarnContext(ctx, "send interrupted", slog.String("message", t.send.GetMessageId()),
			slog.Uint64("sequence", t.m.Sequence()), slog.String("error", err.Error()))
		return schedule.Again(min(busWaitFirst<<min(t.stumble, 10), busWaitMost))
	}
	t.stumble = 0
	return verdict
}

// advance brings the message as far as it can go now. An error means that the bus did not answer: the same again.
func (t *task) advance(ctx context.Context, wake func()) (schedule.Verdict, error) {
	if t.end != nil {
		return schedule.Finished(), nil
	}
	if err := t.reread(ctx); err != nil || t.end != nil {
		return schedule.Finished(), err
	}
	if err := t.permitted(ctx, false); err != nil || t.end != nil {
		return schedule.Finished(), err
	}
	if !t.routed() {
		return schedule.Again(routeWait), nil
	}
	if t.end == nil {
		t.connect(ctx)
	}
	if t.end != nil {
		return schedule.Finished(), nil
	}
	if verdict, fits := t.inspect(ctx); !fits {
		return verdict, nil
	}
	if !t.enter(wake) || !t.enterRoom(wake) {
		return schedule.Parked(), nil
	}
	return t.attempt(ctx)
}

// reread looks into the ledger: whether this attempt has been made already, or is perhaps under way since an earlier
// process died.
func (t *task) reread(ctx context.Context) error {
	var record ledger.Record
	err := t.d.Turnstile.Do(ctx, t.ws, func() (err error) {
		record, err = t.d.Ledger.Read(ctx, t.ws, t.send.GetMessageId())
		return err
	})
	if err != nil {
		return err
	}
	t.record = record
	entry := record.Entry
	switch {
	case entry == nil || entry.GetAttempt() < t.send.GetAttempt():
	case entry.GetAttempt() > t.send.GetAttempt():
		t.end = &ending{silent: true} // a later attempt has taken over
	case entry.GetState() == ledger.Done, entry.GetState() == ledger.Unknown, entry.GetState() == ledger.Decided:
		t.end = &ending{entry: entry, recorded: true}
	case entry.GetState() == ledger.Claimed:
		t.weigh(entry)
	}
	return nil
}

// weigh decides whether a claimed message may be sent: not when an earlier call may have gone out and the provider
// would not recognise the repetition.
func (t *task) weigh(entry *bucketv1.LedgerEntry) {
	if t.doubt == "" && !proto.Equal(entry, t.claimed) {
		t.doubt = "The sender stopped during the call."
	}
	if t.doubt != "" && !t.repeatable(entry) {
		t.end = t.unknown(t.doubt)
	}
}

// repeatable tells that the provider still recognises the call that may have been made.
func (t *task) repeatable(entry *bucketv1.LedgerEntry) bool {
	window := t.d.Credentials.About(entry.GetProvider()).IdempotencyWindow
	return time.Since(entry.GetClaimedAt().AsTime()) < window-window/10
}

// routed tells whether the channel account is still the workspace's, or that there is nothing to wait for.
func (t *task) routed() bool {
	if t.d.Routes.Routed(t.send.GetWorkspaceId(), t.send.GetChannelAccountId()) {
		return true
	}
	t.looks++
	if t.looks < routeLooks {
		return false
	}
	t.end = t.stopped(channel.Failed, channel.NewFailure(channel.CodeConfiguration, "",
		"The channel account this message was to leave by is no longer connected."))
	return true
}

// connect finds the way out.
func (t *task) connect(ctx context.Context) {
	line, err := t.d.Credentials.Line(ctx, credential.Ref{
		Workspace: t.send.GetWorkspaceId(), Provider: t.send.GetProvider(),
		Mode: t.send.GetMode(), ChannelAccountID: t.send.GetChannelAccountId(),
	}, t.kind(), t.send.GetFrom())
	switch {
	case errors.Is(err, credential.ErrUnknownProvider):
		t.end = t.poisoned(err)
	case err != nil:
		t.d.Logger.WarnContext(ctx, "no way out for a message", slog.String("message", t.send.GetMessageId()),
			slog.String("error", err.Error()))
		t.end = t.stopped(channel.Failed, channel.NewFailure(channel.CodeConfiguration, "",
			"There is no usable credential for this channel."))
	default:
		t.line = line
	}
}

// enter takes a place at the gate, and tells whether it is our turn.
func (t *task) enter(wake func()) bool {
	if t.granted {
		return true
	}
	if t.line.Enter(t.ws, func() {
		t.granted = true
		wake()
	}) {
		t.granted = true
		return true
	}
	return false // granted belongs to the gate until it wakes us
}

// base is an entry about this attempt.
func (t *task) base(state string) *bucketv1.LedgerEntry {
	entry := &bucketv1.LedgerEntry{
		WorkspaceId: t.ws.String(), MessageId: t.send.GetMessageId(), Attempt: t.send.GetAttempt(), State: state,
		Provider: t.send.GetProvider(), ChannelAccountId: t.send.GetChannelAccountId(), Mode: t.send.GetMode(),
		SendSequence: t.m.Sequence(), Channel: t.send.GetChannel(), ClaimedAt: now(),
	}
	if old := t.record.Entry; old.GetAttempt() == entry.GetAttempt() && old.GetState() == ledger.Claimed {
		entry.ClaimedAt = old.GetClaimedAt() // the first call counts for what the provider still recognises
	}
	return entry
}

// ended is an attempt that is over.
func (t *task) ended(status channel.Status, failure *channel.Failure) *ending {
	entry := t.base(ledger.Done)
	entry.Status, entry.FinishedAt = string(status), now()
	if failure != nil {
		entry.Failure = FailureProto(*failure)
	}
	return &ending{entry: entry}
}

// stopped is an attempt that ends before its call. While an earlier call is in doubt its outcome is still open.
func (t *task) stopped(status channel.Status, failure *channel.Failure) *ending {
	if t.doubt != "" {
		return t.unknown(t.doubt)
	}
	return t.ended(status, failure)
}

// unknown is an attempt whose outcome is open.
func (t *task) unknown(why string) *ending {
	end := t.ended(channel.Unknown, channel.NewFailure(channel.CodeOutcomeUnknown, "", why))
	end.entry.State = ledger.Unknown
	return end
}

// poisoned is a message nobody can send. Its sender hears of it when its ids can be read.
func (t *task) poisoned(reason error) *ending {
	end := &ending{poison: fmt.Errorf("message %q: %w", t.send.GetMessageId(), reason), silent: true}
	_, kindErr := channel.ParseKind(t.send.GetChannel())
	if t.ws.IsZero() || t.send.GetWorkspaceId() != t.ws.String() || !isID(t.send.GetMessageId()) {
		return end
	}
	end.silent, end.recorded = false, true
	end.entry = t.base(ledger.Done)
	if kindErr != nil {
		end.entry.Channel = unknownChannel
	}
	end.entry.Status, end.entry.FinishedAt = string(channel.Failed), now()
	end.entry.Failure = FailureProto(*channel.NewFailure(channel.CodeRefused, "", "This message cannot be sent as it is."))
	return end
}

// unknownChannel stands in the subject of a receipt whose message names no channel there is.
const unknownChannel = "unknown"
