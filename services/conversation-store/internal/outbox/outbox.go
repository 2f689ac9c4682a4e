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
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// TargetChange marks facts for the CHANGE stream; any other target is the name of a bucket.
const TargetChange = "change"

const (
	// MaxFacts is how many facts one row holds at most.
	MaxFacts = 100
	// enoughBytes is the size of its facts at which a row takes no more.
	enoughBytes = 256 << 10
)

//go:embed write.sql
var writeEntries string

// Entry is what a bucket is to hold.
type Entry struct {
	Workspace workspace.ID
	// Target is the name of the bucket.
	Target string
	Key    string
	// Payload is the value; nil takes the key out of the bucket.
	Payload []byte
	// Trace is the W3C trace context of the cause; may be empty.
	Trace string
	// facts is how many of them the payload holds; 0 when it is a value.
	facts int32
}

// Fact is a committed change to publish. Its workspace, entity and verb say under which subject.
type Fact struct {
	Change *eventv1.Change
	// Trace is the W3C trace context of the cause; may be empty.
	Trace string
}

// Change writes a committed fact.
func Change(ctx context.Context, tx postgres.ChangeTx, change *eventv1.Change) error {
	return Tell(tx, []Fact{{Change: change, Trace: TraceOf(ctx)}})
}

// Tell writes facts in their order, with the commit: as few rows as hold them.
func Tell(tx postgres.ChangeTx, facts []Fact) error {
	var entries []Entry
	for rest := facts; len(rest) > 0; {
		entry, taken, err := together(rest)
		if err != nil {
			return err
		}
		entries, rest = append(entries, entry), rest[taken:]
	}
	Write(tx, entries)
	return nil
}

// together makes a row of the first of the facts, and tells of how many.
func together(facts []Fact) (entry Entry, taken int, err error) {
	var row storev1.Facts
	for size := 0; taken < min(len(facts), MaxFacts) && size < enoughBytes; taken++ {
		change := facts[taken].Change
		ws, err := workspace.ParseID(change.GetWorkspaceId())
		if err != nil {
			return Entry{}, 0, fmt.Errorf("addressing a change: %w", err)
		}
		payload, err := proto.Marshal(change)
		if err != nil {
			return Entry{}, 0, fmt.Errorf("encoding a change: %w", err)
		}
		if taken == 0 {
			entry.Workspace = ws
		}
		size += len(payload)
		row.Facts = append(row.Facts, &storev1.Fact{
			Subject: event.ChangeSubject(ws, change.GetEntity(), change.GetVerb()), Change: payload, Traceparent: facts[taken].Trace,
		})
	}
	if entry.Payload, err = proto.Marshal(&row); err != nil {
		return Entry{}, 0, fmt.Errorf("encoding changes: %w", err)
	}
	entry.Target, entry.facts = TargetChange, int32(taken)
	return entry, taken, nil
}

// Put writes value under key in the bucket.
func Put(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, bucket, key string, value proto.Message) error {
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(value)
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
		facts      = make(pgtype.FlatArray[int32], len(entries))
	)
	for i, entry := range entries {
		workspaces[i] = entry.Workspace.UUID()
		targets[i], keys[i], payloads[i], traces[i] = entry.Target, entry.Key, entry.Payload, entry.Trace
		facts[i] = entry.facts
	}
	tx.Defer(writeEntries, workspaces, targets, keys, payloads, traces, facts)
}

// TraceOf is the W3C trace context that ctx is in; empty when in none.
func TraceOf(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier["traceparent"]
}
