package project

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/consent"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

//go:embed sql/refusals.sql
var selectRefusals string

// refusal is a message that its recipient's server refused for good, that its recipient complained about, or that the
// provider held back for its recipient's sake.
type refusal struct {
	WorkspaceID uuid.UUID `db:"workspace_id"`
	MessageID   uuid.UUID `db:"id"`
	Channel     string    `db:"channel"`
	Address     string    `db:"to_address"`
	Source      string    `db:"source"`
	Words       string    `db:"words"`
	OccurredAt  time.Time `db:"occurred_at"`
}

// agree writes down what the batch says of what addresses want: by keyword, by the provider, by refusing a message. It
// comes after the messages, whose addresses a refusal is about.
func (w *work) agree(ctx context.Context, tx postgres.ChangeTx, done *changes) error {
	wanted := w.consents
	for _, r := range done.refusals {
		change, err := r.consent()
		if err != nil {
			return err
		}
		wanted = append(wanted, change)
	}
	shared, err := consent.Share(ctx, tx, done.united)
	if err != nil {
		return err
	}
	touched, err := consent.Write(ctx, tx, append(wanted, shared...))
	if err != nil {
		return err
	}
	for _, key := range touched {
		done.noteState(entityConversation, key, false)
	}
	return nil
}

func (r refusal) consent() (consent.Change, error) {
	ws, err := workspace.ParseID(r.WorkspaceID.String())
	if err != nil {
		return consent.Change{}, fmt.Errorf("reading a refusal: %w", err)
	}
	change := consent.Change{
		Workspace: ws, Channel: channel.Kind(r.Channel), Address: r.Address, State: channel.OptedOutState,
		Source: r.Source, ChangedAt: r.OccurredAt, Message: &r.MessageID,
		Reason: cut(cmp.Or(line(r.Words), "The address did not take a message."), consent.MaxReason),
	}
	if r.Source == channel.SourceComplaint {
		change.Reason = "A message was reported as spam."
	}
	return change, nil
}
