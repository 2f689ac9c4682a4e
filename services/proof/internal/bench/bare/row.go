package bare

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

var (
	//go:embed sql/messages.sql
	insertMessages string
	//go:embed sql/contacts.sql
	insertContacts string
	//go:embed sql/addresses.sql
	insertAddresses string
	//go:embed sql/raw.sql
	insertRaw string
	//go:embed sql/events.sql
	insertEvents string
	//go:embed sql/outbox.sql
	insertOutbox string
)

// row is a text from a customer.
type row struct {
	workspace, id, conversation, account, contact uuid.UUID
	external, from, to, body                      string
	raw                                           []byte
	at                                            time.Time
}

// newRow derives what is derived.
func newRow(home Home, external, from, body string, raw []byte) (row, error) {
	ws, err := workspace.ParseID(home.ID.String())
	if err != nil {
		return row{}, fmt.Errorf("reading a workspace: %w", err)
	}
	account := home.Account.String()
	made := row{
		workspace: home.ID, account: home.Account, external: external, from: from, to: home.Address, body: body, raw: raw,
		at: time.Now(),
	}
	for id, text := range map[*uuid.UUID]string{
		&made.id:           conversation.DeriveMessageID(ws, account, external),
		&made.conversation: conversation.DeriveID(ws, channel.SMS, account, from),
		&made.contact:      conversation.DeriveContactID(ws, channel.SMS, from),
	} {
		if *id, err = uuid.Parse(text); err != nil {
			return row{}, fmt.Errorf("reading an id: %w", err)
		}
	}
	return made, nil
}

func column[T any](rows []row, of func(r *row) T) []T {
	values := make([]T, len(rows))
	for i := range rows {
		values[i] = of(&rows[i])
	}
	return values
}

// write puts a batch into the database in one transaction. Every row is whatever the store keeps of a text: message,
// conversation, contact, address, raw webhook, event and the facts to be published. Else it is the message and what the
// conversation shows of it.
func (p *program) write(ctx context.Context, rows []row, every bool) error {
	var batch pgx.Batch
	batch.Queue("select set_config('app.current_workspace_ids', $1, true)", workspacesOf(rows))
	workspaces := column(rows, func(r *row) uuid.UUID { return r.workspace })
	ids := column(rows, func(r *row) uuid.UUID { return r.id })
	contacts := column(rows, func(r *row) uuid.UUID { return r.contact })
	from := column(rows, func(r *row) string { return r.from })
	at := column(rows, func(r *row) time.Time { return r.at })
	bodies := column(rows, func(r *row) string { return r.body })
	if every {
		batch.Queue(insertContacts, workspaces, contacts)
		batch.Queue(insertAddresses, workspaces, contacts, from)
	}
	batch.Queue(insertMessages, workspaces, ids,
		column(rows, func(r *row) uuid.UUID { return r.conversation }),
		column(rows, func(r *row) uuid.UUID { return r.account }), contacts,
		column(rows, func(r *row) string { return r.external }), from,
		column(rows, func(r *row) string { return r.to }), bodies, at)
	if every {
		raw := column(rows, func(r *row) []byte { return r.raw })
		batch.Queue(insertRaw, workspaces, ids, raw, at)
		batch.Queue(insertEvents, workspaces, ids, at)
		batch.Queue(insertOutbox, workspaces, raw)
	}
	if err := p.writers.SendBatch(ctx, &batch).Close(); err != nil { // without a begin it is one transaction
		return fmt.Errorf("writing %d rows: %w", len(rows), err)
	}
	return nil
}

// workspacesOf is the setting of the writer's policy.
func workspacesOf(rows []row) string {
	seen := make(map[uuid.UUID]struct{}, len(rows))
	var text strings.Builder
	for i := range rows {
		if _, known := seen[rows[i].workspace]; known {
			continue
		}
		if len(seen) > 0 {
			text.WriteByte(',')
		}
		seen[rows[i].workspace] = struct{}{}
		text.WriteString(rows[i].workspace.String())
	}
	return "{" + text.String() + "}"
}
