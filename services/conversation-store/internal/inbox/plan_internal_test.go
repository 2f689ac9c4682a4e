package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/page"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// town is workspaces of a few conversations each beside one of thousands: what a plan that is made for one of the small
// ones does to the large one is what counts. Each conversation has two messages, one with a file; half of the customers
// said what they want.
const town = `
WITH names (ws, account, n) AS (
	SELECT w.ws, w.account, n
	FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS w (ws, account, size), generate_series(1, w.size) AS n
), people AS (
	INSERT INTO contacts (workspace_id, id, name) SELECT ws, md5('contact' || ws || n)::uuid, 'Customer ' || n FROM names
), wishes AS (
	INSERT INTO consents (workspace_id, channel, address, state) SELECT ws, 'sms', 'peer-' || n, 'opted_in' FROM names WHERE n % 2 = 0
), talks AS (
	INSERT INTO conversations (workspace_id, id, channel, channel_account_id, peer, contact_id, last_message_at,
		last_message_id, last_direction, last_status, is_unread, labels)
	SELECT ws, md5(ws::text || n)::uuid, 'sms', account, 'peer-' || n, md5('contact' || ws || n)::uuid,
		'2026-01-02'::timestamptz - n * interval '1 second', md5('message' || ws || n || 1)::uuid, 'inbound', 'received', n % 2 = 0,
		CASE n % 100 WHEN 1 THEN ARRAY['rare'] ELSE '{}' END
	FROM names
), texts AS (
	INSERT INTO conversation_messages (workspace_id, id, conversation_id, channel, channel_account_id, direction, status,
		status_order, provider, external_id, reply_to_external_id, from_address, to_address, body, created_at)
	SELECT ws, md5('message' || ws || n || m)::uuid, md5(ws::text || n)::uuid, 'sms', account, 'inbound', 'received', 1100, 'one',
		'E' || n || '/' || m, CASE m WHEN 1 THEN '' ELSE 'E' || n || '/1' END, 'peer-' || n, 'us', 'word' || n % 500,
		'2026-01-02'::timestamptz - n * interval '1 second' + m * interval '1 minute'
	FROM names, generate_series(1, 2) AS m
)
INSERT INTO message_attachments (workspace_id, message_id, position, id)
SELECT ws, md5('message' || ws || n || 1)::uuid, 0, 'file' FROM names`

// step is a step of a plan that was carried out, as EXPLAIN (ANALYZE, FORMAT JSON) gives it. Its rows are those of one
// loop.
type step struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Joined   float64 `json:"Rows Removed by Join Filter"`
	Rechecks float64 `json:"Rows Removed by Index Recheck"`
	Hit      int     `json:"Shared Hit Blocks"`
	Read     int     `json:"Shared Read Blocks"`
	Plans    []step  `json:"Plans"`
}

// most is the step that touched most rows, and how many.
func (s step) most() (step, float64) {
	found, rows := s, (s.Rows+s.Filtered+s.Joined+s.Rechecks)*s.Loops
	for _, below := range s.Plans {
		if other, more := below.most(); more > rows {
			found, rows = other, more
		}
	}
	return found, rows
}

// question is a statement with its values.
type question struct {
	file  string
	shape any
	args  []any
}

func questions() map[string]question {
	yes, kind, word, label := true, "sms", "word77", "rare"
	behind := &page.Position{At: time.Date(2026, 1, 2, 0, 1, 0, 0, time.UTC), ID: uuid.New()}
	list := func(f filter) question {
		f.limit = page.DefaultLimit
		return question{"list_conversations.sql", f.shape(), f.args()}
	}
	about := func(id, file string, shape any) question {
		return question{file, shape, []any{pgx.NamedArgs{
			"id": id, "rows": page.DefaultLimit + 1, "bytes": maxPageBytes, "after_at": behind.At, "after_id": behind.ID,
		}}}
	}
	const conversation, message = "md5(current_setting('app.current_workspace_id') || 7)::uuid",
		"md5('message' || current_setting('app.current_workspace_id') || 71)::uuid"
	return map[string]question{
		"the list":                        list(filter{}),
		"a page of the list":              list(filter{after: behind}),
		"a channel":                       list(filter{channel: &kind}),
		"unread":                          list(filter{unread: &yes}),
		"a word":                          list(filter{text: &word}),
		"a label":                         list(filter{label: &label}),
		"a conversation":                  about(conversation, "get_conversation.sql", nil),
		"whether there is a conversation": about(conversation, "has_conversation.sql", nil),
		"messages":                        about(conversation, "list_messages.sql", messageShape{}),
		"a page of messages":              about(conversation, "list_messages.sql", messageShape{After: true}),
		"unknown messages":                about(conversation, "list_messages.sql", messageShape{Unknown: true}),
		"a message":                       about(message, "get_message.sql", nil),
		"a journey":                       about(message, "journey.sql", nil),
		"a reply":                         about(conversation, "prepare_reply.sql", nil),
		"a retry":                         about(message, "prepare_retry.sql", nil),
	}
}

func TestNoQuestionReadsMoreThanItsPage(t *testing.T) {
	t.Parallel()
	const maxRows, maxBlocks = 2 * (page.DefaultLimit + 1), 600
	db := pgtest.Open(t)
	small, large := build(t, db)
	opened, err := New(db, nil, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	for name, question := range questions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := opened.statement(question.file, question.shape)
			require.NoError(t, err)
			require.NoError(t, db.InWorkspace(t.Context(), small, func(ctx context.Context, tx postgres.Tx) error {
				carried := carryOut(ctx, t, tx, large, text, question.args)
				worst, rows := carried.most()
				require.LessOrEqual(t, rows, float64(maxRows), "%+v", worst)
				require.Less(t, carried.Hit+carried.Read, maxBlocks, "what a function reads is told here alone")
				return nil
			}))
		})
	}
}

// build makes a town, and names one of its small workspaces and the large one.
func build(t *testing.T, db *postgres.DB) (small, large workspace.ID) {
	t.Helper()
	const others, few, many = 200, 10, 4000
	var workspaces, accounts []uuid.UUID
	var sizes []int32
	for range others + 1 {
		ws := pgtest.NewWorkspace(t, db)
		workspaces, accounts, sizes = append(workspaces, ws.ID.UUID()), append(accounts, ws.SMS), append(sizes, few)
		small, large = large, ws.ID
	}
	sizes[others] = many
	require.NoError(t, db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, town, workspaces, accounts, sizes)
		return err
	}))
	require.NoError(t, db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, "ANALYZE")
		return err
	}))
	return small, large
}

// carryOut plans the statement in the workspace of the transaction, as a connection does once for all, and carries it
// out in another.
func carryOut(ctx context.Context, t *testing.T, tx postgres.Tx, ws workspace.ID, text string, args []any) step {
	t.Helper()
	var values []any
	if len(args) > 0 {
		var err error
		text, values, err = args[0].(pgx.NamedArgs).RewriteQuery(ctx, nil, text, nil)
		require.NoError(t, err)
	}
	probe := `"` + uuid.NewString() + `"`
	execute := "EXECUTE " + probe
	if len(values) > 0 {
		var literals []string
		for _, value := range values {
			literals = append(literals, literal(value))
		}
		execute += "(" + strings.Join(literals, ", ") + ")"
	}
	for _, sql := range []string{
		"SET LOCAL plan_cache_mode = force_generic_plan", "PREPARE " + probe + " AS " + text, "EXPLAIN (ANALYZE) " + execute,
		"SELECT set_config('app.current_workspace_id', '" + ws.String() + "', true)",
	} {
		_, err := tx.Exec(ctx, sql)
		require.NoError(t, err, sql)
	}
	var told string
	require.NoError(t, tx.QueryRow(ctx, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+execute).Scan(&told))
	_, err := tx.Exec(ctx, "DEALLOCATE "+probe)
	require.NoError(t, err)
	var plans []struct {
		Plan step `json:"Plan"`
	}
	require.NoError(t, json.Unmarshal([]byte(told), &plans))
	require.Len(t, plans, 1)
	return plans[0].Plan
}

// literal writes a value into a text, or an expression in brackets as it is.
func literal(value any) string {
	switch value := value.(type) {
	case nil:
		return "NULL"
	case *string:
		if value == nil {
			return "NULL"
		}
		return "'" + *value + "'"
	case *bool:
		if value == nil {
			return "NULL"
		}
		return strconv.FormatBool(*value)
	case *uuid.UUID:
		return "NULL"
	case uuid.NullUUID:
		return "NULL"
	case time.Time:
		return "'" + value.Format(time.RFC3339Nano) + "'"
	case string:
		return value
	default:
		return fmt.Sprintf("'%v'", value)
	}
}
