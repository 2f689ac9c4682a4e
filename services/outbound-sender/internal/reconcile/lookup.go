package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/delivery"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
)

// current reads the entry again: a person's retry or a late answer may have ended it.
func (r *Reconciler) current(ctx context.Context, record ledger.Record) (ledger.Record, error) {
	ws, err := workspace.ParseID(record.Entry.GetWorkspaceId())
	if err != nil {
		return record, errOver
	}
	current, err := r.cfg.Ledger.Read(ctx, ws, record.Entry.GetMessageId())
	if err != nil {
		return record, err
	}
	same := current.Entry.GetAttempt() == record.Entry.GetAttempt()
	if !same || current.Entry.GetState() != ledger.Unknown {
		return record, errOver
	}
	return current, nil
}

// request reads the request as it stands in the stream; errOver when it stands there no longer.
func (r *Reconciler) request(ctx context.Context, entry *bucketv1.LedgerEntry) (*eventv1.SendMessage, error) {
	if entry.GetSendSequence() == 0 { // the ledger had forgotten the message
		return nil, errOver
	}
	m, err := r.cfg.Bus.ReadAt(ctx, event.StreamSend, entry.GetSendSequence())
	if errors.Is(err, bus.ErrKeyNotFound) {
		return nil, errOver
	}
	if err != nil {
		return nil, err
	}
	send := &eventv1.SendMessage{}
	if err := m.Decode(send); err != nil || send.GetMessageId() != entry.GetMessageId() {
		return nil, errOver
	}
	return send, nil
}

// find asks the provider. It returns ledger.ErrTwin when what was found may be another message.
func (r *Reconciler) find(ctx context.Context, entry *bucketv1.LedgerEntry) (channel.Found, error) {
	send, err := r.request(ctx, entry)
	if err != nil {
		return channel.Found{}, err
	}
	line, err := r.cfg.Credentials.Line(ctx, credential.Ref{
		Workspace: send.GetWorkspaceId(), Provider: send.GetProvider(), Mode: send.GetMode(),
		ChannelAccountID: send.GetChannelAccountId(),
	}, channel.Kind(send.GetChannel()), send.GetFrom())
	if err != nil {
		return channel.Found{}, err
	}
	finder, ok := line.Connection.(channel.Finder)
	if !ok {
		return channel.Found{}, errOver
	}
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	message, since := delivery.Outbound(send, r.cfg.PublicURL, line.Token), entry.GetClaimedAt().AsTime().Add(-slack)
	found, err := ask(ctx, finder, message, since)
	if likener, ok := finder.(channel.Likener); ok && err == nil && found.ByLikeness {
		err = r.cfg.Ledger.Alone(ctx, entry, likener.Likeness(message), found, since)
	}
	return found, err
}

// ask calls the adapter. When it panics nothing was learned.
func ask(
	ctx context.Context, finder channel.Finder, message channel.Outbound, since time.Time,
) (found channel.Found, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the adapter panicked: %v", cause)
		}
	}()
	return finder.Find(ctx, message, since)
}

// tell publishes what was found and then closes the entry, so that a crash between the two tells it again. It returns
// ledger.ErrHeld, and tells nothing, when what was found belongs to another message.
func (r *Reconciler) tell(ctx context.Context, current ledger.Record, found channel.Found) error {
	entry := proto.CloneOf(current.Entry)
	entry.Lookups++
	entry.State, entry.Status = ledger.Done, statusOf(found)
	delivery.SetAccepted(entry, found.Accepted)
	entry.FinishedAt, entry.Failure = timestamppb.Now(), nil
	if found.Failure != nil {
		entry.Failure = delivery.FailureProto(*found.Failure)
	}
	if err := r.cfg.Ledger.Hold(ctx, entry); err != nil {
		return err
	}
	if err := delivery.PublishReceipt(ctx, r.cfg.Bus, entry, delivery.StepReconciled); err != nil {
		return err
	}
	if _, err := r.write(ctx, current, entry); err != nil {
		return err
	}
	r.cfg.Logger.InfoContext(ctx, "outcome found", slog.String("message", entry.GetMessageId()),
		slog.String("status", entry.GetStatus()))
	return errOver
}
