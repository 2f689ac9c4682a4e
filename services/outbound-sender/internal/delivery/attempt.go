package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/schedule"
)

// classAccepted is the class of a call without error, in the metrics.
const classAccepted = "accepted"

// attempt claims the message and calls the provider once.
func (t *task) attempt(ctx context.Context) (schedule.Verdict, error) {
	if ctx.Err() != nil {
		return schedule.Parked(), nil //nolint:nilerr // stopping: nothing new is begun, and that is no failure
	}
	if err := t.admit(ctx); err != nil || t.end != nil {
		return schedule.Finished(), err
	}
	if err := t.d.Files.Link(ctx, t.files, t.send.GetAttachments()); err != nil {
		return t.unread(ctx, err), nil
	}
	fault.Point("sender.before-claim")
	if err := t.claim(ctx); err != nil {
		if errors.Is(err, ledger.ErrTaken) {
			return schedule.Again(0), nil // look again at what is there now
		}
		return schedule.Verdict{}, err
	}
	fault.Point("sender.after-claim")
	t.granted = false // the place at the gate is used up
	t.begin()
	t.tries++
	accepted, err := t.call(ctx)
	fault.Point("sender.after-provider")
	if err == nil {
		t.line.Passed()
		t.end = t.accepted(accepted)
		return schedule.Finished(), nil
	}
	return t.rule(ctx, err), nil
}

// begin starts the clock of the patience with the first try.
func (t *task) begin() {
	if t.since.IsZero() {
		t.since = time.Now()
		t.d.Measures.waited.Observe(time.Since(t.send.GetAcceptedAt().AsTime()).Seconds())
	}
}

// claim writes into the ledger that the provider is about to be called, and tells the journey.
func (t *task) claim(ctx context.Context) error {
	ctx, span := t.d.tracer.Start(ctx, "claim")
	defer span.End()
	ctx, cancel := storing(ctx)
	defer cancel()
	t.claimed = t.base(ledger.Claimed)
	if fault.Broken(fault.ClaimRemoved) {
		return nil
	}
	err := t.d.Turnstile.Do(ctx, t.ws, func() error {
		writing, ctx := errgroup.WithContext(ctx)
		writing.Go(func() error { return t.liken(ctx) })
		writing.Go(func() error { return t.writeClaim(ctx) })
		return writing.Wait()
	})
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
		return err
	}
	return nil
}

// liken writes down what the provider will list of the message when that is not its id.
func (t *task) liken(ctx context.Context) error {
	likener, ok := t.line.Connection.(channel.Likener)
	if !ok {
		return nil
	}
	likeness := likener.Likeness(Outbound(t.send, t.d.PublicURL, t.line.Token))
	if likeness == "" {
		return nil
	}
	return t.d.Ledger.Liken(ctx, t.claimed, likeness)
}

func (t *task) writeClaim(ctx context.Context) error {
	record, err := t.d.Ledger.Write(ctx, t.record, t.claimed)
	if err != nil {
		return err
	}
	t.record = record
	if t.told {
		return nil
	}
	t.told = true
	news := proto.CloneOf(record.Entry)
	news.Status = string(channel.Sending)
	if err := PublishReceipt(ctx, t.d.Bus, news, StepClaimed); err != nil {
		t.d.Logger.WarnContext(ctx, "claim not told", slog.String("message", t.send.GetMessageId()),
			slog.String("error", err.Error()))
	}
	return nil
}

// call makes the one call.
func (t *task) call(ctx context.Context) (channel.Accepted, error) {
	ctx, span := t.d.tracer.Start(ctx, "send", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("provider", t.send.GetProvider()), attribute.String("channel", t.send.GetChannel()),
		attribute.String("message", t.send.GetMessageId())))
	defer span.End()
	ctx, cancel := context.WithTimeout(ctx, t.d.SendTimeout+UploadTime(t.room.bytes))
	defer cancel()
	begun := time.Now()
	accepted, err := t.hand(ctx)
	err = outcomeOf(err)
	t.d.Measures.seconds.WithLabelValues(t.send.GetProvider()).Observe(time.Since(begun).Seconds())
	class := classAccepted
	if err != nil {
		class = string(channel.ClassOf(err))
		span.SetStatus(codes.Error, err.Error())
	}
	span.SetAttributes(attribute.String("class", class))
	t.d.Measures.sends.WithLabelValues(t.send.GetProvider(), class).Inc()
	return accepted, err
}

// hand calls the adapter. When it panics nobody knows how far the call had got.
func (t *task) hand(ctx context.Context) (accepted channel.Accepted, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &channel.Error{Class: channel.UnknownOutcome, Err: fmt.Errorf("the adapter panicked: %v", cause)}
		}
	}()
	message := Outbound(t.send, t.d.PublicURL, t.line.Token)
	message.Files = t.files
	return t.line.Connection.Send(ctx, message)
}

func (t *task) accepted(accepted channel.Accepted) *ending {
	status := accepted.Status
	if _, known := status.Rank(); !known {
		status = channel.Sent
	}
	end := t.ended(status, nil)
	SetAccepted(end.entry, accepted)
	return end
}

// rule applies the policy to a failed call.
func (t *task) rule(ctx context.Context, err error) schedule.Verdict {
	ruling := ruleFor(channel.ClassOf(err))
	t.d.Logger.WarnContext(ctx, "message did not leave", slog.String("message", t.send.GetMessageId()),
		slog.String("provider", t.send.GetProvider()), slog.Int("tries", t.tries), slog.String("error", err.Error()))
	failure := channel.FailureOf(err)
	exhausted := t.d.Patience.exhausted(t.tries, t.since)
	if after := retryAfter(err); after > 0 || ruling.action == slow {
		t.line.Slow(after)
	}
	switch ruling.action {
	case finish:
		t.end = t.ended(ruling.status, &failure)
		return schedule.Finished()
	case slow:
		t.tries-- // waiting for a turn is no try
		t.wait(ctx)
		return schedule.Again(0) // to the gate
	case hold:
		t.line.Hold(failure.Message)
		t.tries--
		t.wait(ctx)
		return schedule.Again(0)
	case retry:
		if exhausted && t.doubt != "" {
			t.end = t.unknown(t.doubt)
			return schedule.Finished()
		}
		if exhausted {
			t.end = t.ended(channel.Failed, &failure)
			return schedule.Finished()
		}
		t.wait(ctx)
	case lookUp:
		t.doubt = failure.Message
		if exhausted || !t.repeatable(t.record.Entry) {
			t.end = t.unknown(failure.Message)
			return schedule.Finished()
		}
	}
	return schedule.Again(t.d.Patience.wait(t.tries))
}

// wait writes into the ledger that nothing went out, so that a process that finds the entry need not ask. When that
// cannot be written the claim stays ours in memory. While an earlier call is in doubt the claim stays as it is, with the
// time of that call.
func (t *task) wait(ctx context.Context) {
	if t.doubt != "" {
		return
	}
	ctx, cancel := storing(ctx)
	defer cancel()
	record, err := t.d.Ledger.Write(ctx, t.record, t.base(ledger.Waiting))
	if err != nil {
		t.d.Logger.WarnContext(ctx, "wait not recorded", slog.String("message", t.send.GetMessageId()),
			slog.String("error", err.Error()))
		return
	}
	t.record = record
}

// conclude records the outcome, tells it and settles the message. Each part is done once; an error means the same
// again from where it stopped.
func (t *task) conclude(ctx context.Context) error {
	ctx, span := t.d.tracer.Start(ctx, "outcome")
	defer span.End()
	ctx, cancel := storing(ctx)
	defer cancel()
	if err := t.d.Turnstile.Do(ctx, t.ws, func() error { return t.settle(ctx) }); err != nil {
		span.SetStatus(codes.Error, err.Error())
		return err
	}
	return nil
}

func (t *task) settle(ctx context.Context) error {
	if err := t.store(ctx); err != nil {
		return err
	}
	fault.Point("sender.after-outcome")
	if !t.end.silent {
		if err := PublishReceipt(ctx, t.d.Bus, t.end.entry, stepOf(t.end.entry.GetStatus())); err != nil {
			return err
		}
		t.d.Measures.ended.WithLabelValues(t.end.entry.GetStatus(), t.end.entry.GetFailure().GetCode()).Inc()
	}
	fault.Point("sender.before-ack")
	if t.end.poison != nil {
		return t.m.DeadLetter(ctx, t.end.poison)
	}
	_ = t.m.Ack() // a lost acknowledgement brings it again, and the ledger knows it
	if t.end.entry.GetState() == ledger.Unknown {
		t.d.Unknown(t.record)
	}
	return nil
}

// store writes the outcome into the ledger. Who wrote the entry since our claim took us for dead: our outcome is the
// surer one, unless a later attempt or a finding is there.
func (t *task) store(ctx context.Context) error {
	if t.end.recorded || t.end.entry == nil {
		return nil
	}
	if err := t.hold(ctx); err != nil {
		return err
	}
	record, err := t.d.Ledger.Write(ctx, t.record, t.end.entry)
	if errors.Is(err, ledger.ErrTaken) {
		return t.yield(ctx, err)
	}
	if err != nil {
		return err
	}
	t.record, t.end.recorded = record, true
	return nil
}

// hold makes the provider's id ours before the outcome says so, where its messages can be looked up: a look-up for a
// message like this one may come upon it.
func (t *task) hold(ctx context.Context) error {
	if t.line == nil || t.end.entry.GetExternalId() == "" {
		return nil
	}
	if _, finds := t.line.Connection.(channel.Finder); !finds {
		return nil
	}
	err := t.d.Ledger.Hold(ctx, t.end.entry)
	if !errors.Is(err, ledger.ErrHeld) {
		return err
	}
	t.d.Logger.ErrorContext(ctx, "a look-up had taken the provider's id of a message for that of another",
		slog.String("message", t.send.GetMessageId()), slog.String("error", err.Error()))
	return t.d.Ledger.Take(ctx, t.end.entry)
}

// yield looks at an entry that is not as we left it. It returns cause when the outcome is to be written again.
func (t *task) yield(ctx context.Context, cause error) error {
	there, err := t.d.Ledger.Read(ctx, t.ws, t.send.GetMessageId())
	if err != nil {
		return err
	}
	t.record = there
	if proto.Equal(there.Entry, t.end.entry) || surer(there.Entry, t.end.entry) {
		t.end.recorded = true
		return nil
	}
	return cause
}

func surer(there, ours *bucketv1.LedgerEntry) bool {
	return there.GetAttempt() > ours.GetAttempt() ||
		there.GetState() == ledger.Done || there.GetState() == ledger.Decided ||
		there.GetState() == ledger.Unknown && ours.GetState() == ledger.Unknown
}

func retryAfter(err error) time.Duration {
	if failed, ok := errors.AsType[*channel.Error](err); ok {
		return failed.RetryAfter
	}
	return 0
}
