package consent

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/page"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// consentsScope names the list of consents in its cursors.
const consentsScope = "consents"

var (
	//go:embed sql/list.sql
	listConsents string
	//go:embed sql/get.sql
	getConsent string
)

// Relay publishes what has been committed to the outbox.
type Relay interface {
	// Flush returns when everything committed before the call is published.
	Flush(ctx context.Context) error
}

// Consents answers the questions about consents. It is safe for concurrent use.
type Consents struct {
	db     *postgres.DB
	relay  Relay
	logger *slog.Logger
	now    func() time.Time
}

// New makes Consents. now is the clock; nil is time.Now.
func New(db *postgres.DB, relay Relay, logger *slog.Logger, now func() time.Time) *Consents {
	if now == nil {
		now = time.Now
	}
	return &Consents{db: db, relay: relay, logger: logger, now: now}
}

// row is a consent with what a cursor needs.
type row struct {
	bucket.Consent

	ID uuid.UUID
}

// List answers one page of what addresses want, the newest change first.
func (c *Consents) List(
	ctx context.Context, ws workspace.ID, request *storev1.ListConsentsRequest,
) (*storev1.ListConsentsResponse, error) {
	if state := request.GetState(); state != "" && !IsState(state) {
		return nil, errState()
	}
	if kind := request.GetChannel(); kind != "" {
		if _, err := channel.ParseKind(kind); err != nil {
			return nil, errChannel()
		}
	}
	limit, after, err := page.Of(consentsScope, request.GetLimit(), request.GetCursor())
	if err != nil {
		return nil, err
	}
	if after == nil {
		after = &page.Position{At: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), ID: uuid.Max}
	}
	found, err := postgres.Query(ctx, c.db, ws, pgx.RowToStructByName[row], listConsents, pgx.NamedArgs{
		"channel": optional(request.GetChannel()), "state": optional(request.GetState()),
		"address": optional(request.GetAddress()), "after_at": after.At, "after_id": after.ID, "rows": limit + 1,
	})
	if err != nil {
		return nil, err
	}
	answer := &storev1.ListConsentsResponse{}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		answer.NextCursor = page.Position{At: last.ChangedAt, ID: last.ID}.Encode(consentsScope)
	}
	answer.Items = make([]*eventv1.Consent, 0, len(found))
	for _, consent := range found {
		answer.Items = append(answer.Items, consent.Value())
	}
	return answer, nil
}

// Set records what a person decided about an address. The decision is newer than all that is known, so that it counts
// until somebody says otherwise; saying the same again changes who said it and why.
func (c *Consents) Set(
	ctx context.Context, ws workspace.ID, request *storev1.SetConsentRequest,
) (*storev1.SetConsentResponse, error) {
	change, err := c.decision(ws, request)
	if err != nil {
		return nil, err
	}
	var answer *eventv1.Consent
	err = c.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		known, found, err := read(ctx, tx, change)
		if err != nil {
			return err
		}
		if found && !change.ChangedAt.After(known.ChangedAt) { // said by a clock ahead of ours
			change.ChangedAt = known.ChangedAt.Add(time.Microsecond)
		}
		touched, err := Write(ctx, tx, []Change{change})
		if err != nil {
			return err
		}
		written, _, err := read(ctx, tx, change)
		answer = written.Value()
		if err != nil {
			return err
		}
		return announce(ctx, tx, touched)
	})
	if err != nil {
		return nil, err
	}
	if err := c.relay.Flush(ctx); err != nil {
		c.logger.WarnContext(ctx, "publishing after a commit is delayed", slog.Any("err", err))
	}
	return &storev1.SetConsentResponse{Consent: answer}, nil
}

// decision checks a request.
func (c *Consents) decision(ws workspace.ID, request *storev1.SetConsentRequest) (Change, error) {
	kind, err := channel.ParseKind(request.GetChannel())
	if err != nil {
		return Change{}, errChannel()
	}
	address, err := addressOf(kind, request.GetAddress())
	if err != nil {
		return Change{}, err
	}
	if !IsState(request.GetState()) {
		return Change{}, errState()
	}
	reason := strings.TrimSpace(request.GetReason())
	if reason == "" || utf8.RuneCountInString(reason) > MaxReason || strings.ContainsFunc(reason, isBroken) {
		return Change{}, refuse.Invalid("reason", "Must have 1 to 500 characters and no control characters.")
	}
	change := Change{
		Workspace: ws, Channel: kind, Address: address, State: request.GetState(), Source: channel.SourcePerson,
		Reason: reason, ChangedAt: c.now().UTC().Truncate(time.Microsecond),
	}
	if request.GetChangedBy() == "" {
		return change, nil
	}
	user, err := uuid.Parse(request.GetChangedBy())
	if err != nil {
		return Change{}, refuse.Invalid("changedBy", "Must be the id of a member of the workspace.")
	}
	change.ChangedBy = &user
	return change, nil
}

// addressOf is an address as everybody compares it. Some customers have none that can be checked, such as the ids that
// WhatsApp gives in place of phone numbers: theirs is taken as it stands.
func addressOf(kind channel.Kind, text string) (string, error) {
	address, err := channel.NormalizeAddress(kind, text)
	if err == nil {
		return address, nil
	}
	isID := kind == channel.WhatsApp && text != "" && len(text) <= maxID && !strings.HasPrefix(text, "+") &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || isBroken(r) })
	if isID {
		return text, nil
	}
	return "", refuse.Invalid("address", "Must be an address of the channel, such as +14155550123 or name@example.com.")
}

// maxID is the longest id that stands for a phone number.
const maxID = 128

func isBroken(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }

func errState() error { return refuse.Invalid("state", "Must be opted_out or opted_in.") }

func errChannel() error {
	return refuse.Invalid("channel", "Must be one of email, sms, whatsapp, call, social, live_chat.")
}

func read(ctx context.Context, tx postgres.Tx, change Change) (bucket.Consent, bool, error) {
	rows, err := tx.Query(ctx, getConsent, string(change.Channel), change.Address)
	if err != nil {
		return bucket.Consent{}, false, fmt.Errorf("reading a consent: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[bucket.Consent])
	if err != nil {
		return bucket.Consent{}, false, fmt.Errorf("reading a consent: %w", err)
	}
	if len(found) == 0 {
		return bucket.Consent{}, false, nil
	}
	return found[0], true, nil
}

// announce writes the facts of the conversations that now show something else.
func announce(ctx context.Context, tx postgres.ChangeTx, keys []record.Key) error {
	conversations, err := record.Conversations(ctx, tx, keys)
	if err != nil {
		return err
	}
	for _, row := range conversations {
		err := outbox.Change(ctx, tx, &eventv1.Change{
			WorkspaceId: row.WorkspaceID.String(), Entity: "conversation", Verb: "updated", EntityId: row.ID.String(),
			OccurredAt: timestamppb.New(row.UpdatedAt), Data: &eventv1.Change_Conversation{Conversation: row.Proto()},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
