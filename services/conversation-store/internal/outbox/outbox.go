// Package outbox writes down what is to be published in the transaction that makes it true, with the commit. The relay
// publishes it after that.
package outbox

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// TargetChange marks an entry for the CHANGE stream; any other target is the name of a bucket.
const TargetChange = "change"

//go:embed write.sql
var writeEntries string

// Entry is one thing to publish.
type Entry struct {
	Workspace workspace.ID
	// Target is TargetChange or the name of a bucket.
	Target string
	// Key is the subject, or the key in the bucket.
	Key string
	// Payload is what to publish; nil takes the key out of the bucket.
	Payload []byte
	// Trace is the W3C trace context of the cause; may be empty.
	Trace string
}

// Change writes a committed fact. Its workspace, entity and verb say under which subject.
func Change(ctx context.Context, tx postgres.ChangeTx, change *eventv1.Change) error {
	entry, err := ChangeEntry(ctx, change)
	if err != nil {
		return err
	}
	Write(tx, []Entry{entry})
	return nil
}

// Put writes value under key in the bucket.
func Put(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, bucket, key string, value proto.Message) error {
	payload, err := proto.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding the entry for %s: %w", bucket, err)
	}
	if payload == nil {
		payload = []byte{}
	}
	entry := Entry{Workspace: ws, Target: bucket, Key: key, Payload: payload, Trace: TraceOf(ctx)}
	Write(tx, []Entry{entry})
	return nil
}

// Delete takes key out of the bucket.
func Delete(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, bucket, key string) {
	Write(tx, []Entry{{Workspace: ws, Target: bucket, Key: key, Trace: TraceOf(ctx)}})
}

// ChangeEntry is the entry of a fact, for writing many at once.
func ChangeEntry(ctx context.Context, change *eventv1.Change) (Entry, error) {
	ws, err := workspace.ParseID(change.GetWorkspaceId())
	if err != nil {
		return Entry{}, fmt.Errorf("addressing a change: %w", err)
	}
	payload, err := proto.Marshal(change)
	if err != nil {
		return Entry{}, fmt.Errorf("encoding a change: %w", err)
	}
	subject := event.ChangeSubject(ws, change.GetEntity(), change.GetVerb())
	return Entry{Workspace: ws, Target: TargetChange, Key: subject, Payload: payload, Trace: TraceOf(ctx)}, nil
}

// Write writes entries in their order, with the commit.
func Write(tx postgres.ChangeTx, entries []Entry) {
	if len(entries) == 0 {
		return
	}
	var (
		workspaces = make(pgtype.FlatArray[uuid.UUID], len(entries))
		targets    = make(pgtype.FlatArray[string], len(entries))
		keys       = make(pgtype.FlatArray[string], len(entries))
		payloads   = make(pgtype.FlatArray[[]byte], len(entries))
		traces     = make(pgtype.FlatArray[string], len(entries))
	)
	for i, entry := range entries {
		workspaces[i] = entry.Workspace.UUID()
		targets[i], keys[i], payloads[i], traces[i] = entry.Target, entry.Key, entry.Payload, entry.Trace
	}
	tx.Defer(writeEntries, workspaces, targets, keys, payloads, traces)
}

// TraceOf is the W3C trace context that ctx is in; empty when in none.
func TraceOf(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier["traceparent"]
}
