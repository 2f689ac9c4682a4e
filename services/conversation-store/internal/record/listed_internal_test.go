package record

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// full gives every column of two conversations a value, and half of those of the third.
const full = `
WITH names (n, contact, id) AS (
	SELECT n, md5('contact' || n)::uuid, md5('conversation' || n)::uuid FROM generate_series(1, 4) AS n
), people AS (
	INSERT INTO contacts (workspace_id, id, name) SELECT $1, contact, CASE n WHEN 4 THEN '' ELSE 'Ünal "O''Neil" ' || n END FROM names
), wishes AS (
	INSERT INTO consents (workspace_id, channel, address, state, source, reason, changed_by, changed_at)
	SELECT $1, 'sms', 'peer ' || n, 'opted_out', 'STOP', 'They wrote STOP.', CASE n WHEN 1 THEN $3::uuid END, now() FROM names WHERE n < 3
)
INSERT INTO conversations (workspace_id, id, channel, channel_account_id, peer, contact_id, status, subject, snippet, is_unread,
	is_starred, assigned_to, labels, tags, snoozed_until, last_message_at, last_message_id, last_direction, last_status,
	created_at, updated_at, linked_conversation_id, has_window, window_expires_at)
SELECT $1, id, 'sms', $2, 'peer ' || n, contact, 'closed', 'Bestellung ' || n, E'line\nother “line” 🚚', true, n = 2,
	CASE WHEN n < 3 THEN $3::uuid END,
	CASE n WHEN 4 THEN '{}' ELSE ARRAY['vip', '', 'a,b', 'ü'] END, CASE n WHEN 1 THEN ARRAY['one'] ELSE '{}' END,
	CASE n WHEN 1 THEN '1999-12-31 23:59:59.999999+00'::timestamptz WHEN 2 THEN '9999-12-31 00:00:00+00' END,
	'2026-03-04 05:06:07.000008+00'::timestamptz - n * interval '1 day', id, 'inbound', 'received',
	'1969-12-31 23:59:59.5+00', '0001-01-01 00:00:00.000001+00', CASE n WHEN 3 THEN md5('conversation1')::uuid END, n = 3,
	CASE n WHEN 3 THEN now() END
FROM names`

func TestAWrittenConversationIsWhatItsRowIs(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	ws := pgtest.NewWorkspace(t, db)
	require.NoError(t, db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, full, ws.ID.UUID(), ws.SMS, ws.User)
		return err
	}))
	const query = "SELECT id FROM conversations ORDER BY id"
	ids, err := postgres.Query(t.Context(), db, ws.ID, pgx.RowTo[[16]byte], query)
	require.NoError(t, err)
	var keys []Key
	for _, id := range ids {
		keys = append(keys, Key{Workspace: ws.ID.UUID(), ID: id})
	}
	require.Len(t, keys, 4)
	require.NoError(t, db.InWorkspaces(t.Context(), []workspace.ID{ws.ID}, func(ctx context.Context, tx postgres.ChangeTx) error {
		rows, err := Conversations(ctx, tx, keys)
		require.NoError(t, err)
		workspaces, wanted := split(keys)
		found, err := tx.Query(ctx, selectConversations, workspaces, wanted)
		require.NoError(t, err)
		require.True(t, isWire(found.FieldDescriptions()))
		writer := NewConversationsWriter(1)
		written, err := pgx.CollectRows(found, writer.Write)
		require.NoError(t, err)
		require.Len(t, written, len(rows))
		plain, err := tx.Query(ctx, selectConversations, workspaces, wanted)
		require.NoError(t, err)
		scanned := NewConversationsWriter(1)
		scanned.isRead = true
		same, err := pgx.CollectRows(plain, scanned.Write)
		require.NoError(t, err)
		for i, row := range rows {
			var page storev1.ListConversationsResponse
			require.NoError(t, proto.Unmarshal(writer.Through(written[i]), &page))
			require.Len(t, page.GetItems(), i+1)
			require.True(t, proto.Equal(row.Proto(), page.GetItems()[i]), "%v\n%v", row.Proto(), page.GetItems()[i])
			require.Equal(t, row.ID, written[i].ID)
			require.True(t, row.LastMessageAt.Equal(written[i].LastMessageAt))
			require.Equal(t, written[i].ID, same[i].ID)
			require.Equal(t, written[i].LastMessageAt, same[i].LastMessageAt)
			require.Equal(t, writer.Through(written[i]), scanned.Through(same[i]))
		}
		return nil
	}))
}

// raw is one row as the wire carries it.
type raw struct {
	*table
	values [][]byte
}

func (r raw) RawValues() [][]byte { return r.values }

func (r raw) FieldDescriptions() []pgconn.FieldDescription {
	columns := wireColumns()
	described := make([]pgconn.FieldDescription, len(columns))
	for i, column := range columns {
		described[i] = pgconn.FieldDescription{Name: column.name, DataTypeOID: column.kind, Format: pgx.BinaryFormatCode}
	}
	return described
}

func TestAConversationIsRefusedForAValueOfAnotherType(t *testing.T) {
	t.Parallel()
	const infinity = "\x7f\xff\xff\xff\xff\xff\xff\xff"
	columns := wireColumns()
	empty := func() [][]byte {
		values := make([][]byte, len(columns))
		for i, column := range columns {
			switch column.name {
			case "is_unread", "is_starred", "has_window":
				values[i] = make([]byte, 1)
			case "last_message_at", "created_at", "updated_at":
				values[i] = make([]byte, 8)
			case "id":
				values[i] = make([]byte, 16)
			case "labels", "tags":
				values[i] = make([]byte, 12)
			}
		}
		return values
	}
	read := func(values [][]byte) (Listed, error) { return NewConversationsWriter(1).Write(raw{values: values}) }
	_, err := read(empty())
	require.NoError(t, err)
	for column, values := range map[int][]string{
		0:  {"short", "of seventeen bytes"},
		10: {"", "tr"},
		13: {
			"", "\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x19\x00\x00\x00\x01\x00\x00\x00\x01",
			"\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x19\x00\x00\x00\x01\x00\x00\x00\x01\xff\xff\xff\xff",
			"\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x19\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01a",
			"\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x19\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x02a",
		},
		16: {"", "seven", infinity},
		23: {"seven", infinity},
	} {
		for i, value := range values {
			t.Run(fmt.Sprintf("%s %d", columns[column].name, i), func(t *testing.T) {
				t.Parallel()
				row := empty()
				row[column] = []byte(value)
				_, err := read(row)
				require.ErrorIs(t, err, errValue)
			})
		}
	}
}

func TestColumnsInAnotherFormAreReadByTheLibrary(t *testing.T) {
	t.Parallel()
	columns := raw{}.FieldDescriptions()
	require.True(t, isWire(columns))
	for name, change := range map[string]func(){
		"text of an id": func() { columns[0].Format = pgx.TextFormatCode },
		"another type":  func() { columns[2].DataTypeOID = 1043 },
		"another name":  func() { columns[3].Name = "account" },
		"one missing":   func() { columns = columns[1:] },
	} {
		columns = raw{}.FieldDescriptions()
		change()
		require.False(t, isWire(columns), name)
	}
}
