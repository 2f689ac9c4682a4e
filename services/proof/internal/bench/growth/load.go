package growth

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
)

var (
	//go:embed sql/fresh.sql
	createFresh string
	//go:embed sql/contacts.sql
	insertContacts string
	//go:embed sql/addresses.sql
	insertAddresses string
	//go:embed sql/messages.sql
	insertMessages string
	//go:embed sql/conversations.sql
	insertConversations string
	//go:embed sql/events.sql
	insertEvents string
	//go:embed sql/raw.sql
	insertRaw string
	//go:embed sql/indexes.sql
	selectIndexes string
)

const (
	// portion is how many conversations are loaded in one transaction.
	portion = 50_000
	// year is over how long the conversations are spread.
	year = 365 * 24 * time.Hour
)

// loader fills the database past the services, as its superuser.
type loader struct {
	conn       *pgx.Conn
	workspaces []tenant.Workspace
	// held is how many conversations each workspace has been given.
	held   []int
	logger *slog.Logger
}

// peer is the customer of the n-th conversation of a workspace.
func peer(n int) string { return "+1416" + fmt.Sprintf("%07d", 2_000_000+n) }

// grow loads until there are about so many messages.
func (l *loader) grow(ctx context.Context, messages int) error {
	wanted := conversationsOf(messages, len(l.workspaces))
	indexes, err := l.dropIndexes(ctx)
	if err != nil {
		return err
	}
	var rows [][]any
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		err := l.load(ctx, rows)
		l.logger.InfoContext(ctx, "growth: loaded", slog.Int("conversations", len(rows)))
		rows = rows[:0]
		return err
	}
	for i, ws := range l.workspaces {
		for ; l.held[i] < wanted[i]; l.held[i]++ {
			rows = append(rows, row(ws, l.held[i], wanted[i]))
			if len(rows) < portion {
				continue
			}
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return l.finish(ctx, indexes)
}

// row is a conversation of fresh: the n-th of its workspace, which has wanted of them, spread over the year.
func row(ws tenant.Workspace, n, wanted int) []any {
	account, to := ws.Accounts[channel.SMS], peer(n)
	id := conversation.DeriveID(ws.ID, channel.SMS, account.ID, to)
	contact := conversation.DeriveContactID(ws.ID, channel.SMS, to)
	ago := year - time.Duration(float64(year)*float64(n)/float64(wanted))
	return []any{
		ws.ID.UUID(), uuid.MustParse(id), uuid.MustParse(contact), uuid.MustParse(account.ID), account.Provider,
		account.Address, to, n, time.Now().Add(-ago - day),
	}
}

// day lets the last message of a conversation lie in the past.
const day = 24 * time.Hour

// load writes the conversations and everything that belongs to them.
func (l *loader) load(ctx context.Context, rows [][]any) error {
	err := pgx.BeginFunc(ctx, l.conn, func(tx pgx.Tx) error {
		for _, sql := range []string{
			"SET LOCAL session_replication_role = replica", "SET LOCAL synchronous_commit = off", createFresh,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		columns := []string{
			"workspace_id", "conversation_id", "contact_id", "channel_account_id", "provider", "ours", "peer", "n", "began_at",
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"fresh"}, columns, pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		for _, sql := range []string{
			"ANALYZE fresh", insertContacts, insertAddresses, insertMessages, insertConversations, insertEvents, insertRaw,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("loading conversations: %w", err)
	}
	return nil
}

// dropIndexes takes the indexes away that are faster made afterwards, and returns how they are made.
func (l *loader) dropIndexes(ctx context.Context) ([]string, error) {
	rows, err := l.conn.Query(ctx, selectIndexes)
	if err != nil {
		return nil, fmt.Errorf("listing the indexes: %w", err)
	}
	var names, definitions []string
	var name, definition string
	if _, err := pgx.ForEachRow(rows, []any{&name, &definition}, func() error {
		names, definitions = append(names, name), append(definitions, definition)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("listing the indexes: %w", err)
	}
	for _, name := range names {
		if _, err := l.conn.Exec(ctx, "DROP INDEX "+name); err != nil {
			return nil, fmt.Errorf("dropping %s: %w", name, err)
		}
	}
	return definitions, nil
}

// finish makes the indexes and lets the planner know.
func (l *loader) finish(ctx context.Context, indexes []string) error {
	steps := append([]string{"SET maintenance_work_mem = '512MB'"}, indexes...)
	steps = append(steps, "VACUUM ANALYZE", "CHECKPOINT")
	for _, sql := range steps {
		begun := time.Now()
		if _, err := l.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("finishing the load: %w", err)
		}
		l.logger.DebugContext(ctx, "growth: prepared", slog.String("statement", sql), slog.Duration("took", time.Since(begun)))
	}
	return nil
}

// word is one that a single message of the workspace has.
func word(n int) string { return "ref" + strconv.Itoa(n) }
