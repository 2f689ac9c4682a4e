package event

import (
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// StreamSpec declares one stream. Every stream keeps files, refuses when full and is bounded by age and size;
// age and size never remove what a durable consumer has not processed (see bus.Janitor).
type StreamSpec struct {
	Name     string
	Subjects []string
	// Retention is how long a processed message is kept; 0 keeps it until a person removes it.
	Retention time.Duration
	// MaxBytes is the size at which a publish is refused.
	MaxBytes int64
	// Durables are the consumers that must have processed a message before it may go.
	Durables []string
	Carries  string
}

// BucketSpec declares one key-value bucket.
type BucketSpec struct {
	Name string
	// TTL is how long a key lives after its last write; 0 is for ever.
	TTL time.Duration
	// Projection tells that conversation-store writes the bucket and can rebuild it.
	Projection bool
	MaxBytes   int64
	Holds      string
}

// Durable consumers.
const (
	DurableSenderSend   = ServiceSender
	DurableStoreSend    = ServiceStore + "-send"
	DurableStoreInbound = ServiceStore + "-inbound"
	DurableStoreReceipt = ServiceStore + "-receipt"
)

// DurableSenderOf is the consumer of a workspace whose messages are diverted from DurableSenderSend for a while.
func DurableSenderOf(ws workspace.ID) string { return senderPrefix + ws.String() }

// DivertedWorkspace reads the workspace out of the name of such a consumer.
func DivertedWorkspace(durable string) (workspace.ID, bool) {
	text, ok := strings.CutPrefix(durable, senderPrefix)
	if !ok {
		return workspace.ID{}, false
	}
	ws, err := workspace.ParseID(text)
	return ws, err == nil
}

const senderPrefix = DurableSenderSend + "-"

// Buckets.
const (
	BucketRoutes      = "routes"
	BucketCredentials = "credentials"
	BucketHeld        = "held"
	BucketAccess      = "access"
	BucketConsent     = "consent"
	BucketWindows     = "windows"
	BucketCalls       = "calls"
	BucketPlans       = "plans"
	BucketQuotas      = "quotas"
	BucketLedger      = "ledger"
	BucketIdempotency = "idempotency"
	BucketHandled     = "handled"
)

const (
	day = 24 * time.Hour
	mib = int64(1) << 20
	gib = int64(1) << 30
)

// Streams declares every stream of the system.
func Streams() []StreamSpec {
	return []StreamSpec{
		{
			Name: StreamSend, Subjects: []string{"send.v1.*.*"}, Retention: 30 * day, MaxBytes: 4 * gib,
			Durables: []string{DurableSenderSend, DurableStoreSend}, Carries: "SendMessage",
		},
		{
			Name: StreamInbound, Subjects: []string{"inbound.v1.*.*"}, Retention: 30 * day, MaxBytes: 4 * gib,
			Durables: []string{DurableStoreInbound}, Carries: "MessageReceived",
		},
		{
			Name: StreamReceipt, Subjects: []string{"receipt.v1.*.*"}, Retention: 30 * day, MaxBytes: 4 * gib,
			Durables: []string{DurableStoreReceipt}, Carries: "MessageReceipt",
		},
		{
			Name: StreamChange, Subjects: []string{"change.v1.*.*.*"}, Retention: 7 * day, MaxBytes: 2 * gib,
			Carries: "Change",
		},
		{
			Name: StreamQuarantine, Subjects: []string{"quarantine.v1.*"}, MaxBytes: gib, Carries: "WebhookQuarantined",
		},
		{
			Name: StreamDeadLetter, Subjects: []string{"dead.v1.*.*"}, MaxBytes: gib, Carries: "DeadLetter",
		},
	}
}

// Buckets declares every bucket of the system.
func Buckets() []BucketSpec {
	return []BucketSpec{
		{Name: BucketRoutes, Projection: true, MaxBytes: 256 * mib, Holds: "Route"},
		{Name: BucketCredentials, Projection: true, MaxBytes: 256 * mib, Holds: "Credential"},
		{Name: BucketHeld, TTL: 35 * day, MaxBytes: 64 * mib, Holds: "HeldCredential"},
		{Name: BucketAccess, Projection: true, MaxBytes: 256 * mib, Holds: "Principal"},
		{Name: BucketConsent, Projection: true, MaxBytes: 256 * mib, Holds: "Consent"},
		{Name: BucketWindows, TTL: 8 * day, Projection: true, MaxBytes: 256 * mib, Holds: "Window"},
		{Name: BucketCalls, Projection: true, MaxBytes: 64 * mib, Holds: "CallSettings"},
		{Name: BucketPlans, Projection: true, MaxBytes: 64 * mib, Holds: "Terms"},
		{Name: BucketQuotas, TTL: 100 * day, MaxBytes: 256 * mib, Holds: "Quota"},
		{Name: BucketLedger, TTL: 35 * day, MaxBytes: 4 * gib, Holds: "LedgerEntry, who has a provider's id, which messages look alike there, the lease of the sender, SweepMark and KeywordMark"},
		{Name: BucketIdempotency, TTL: day, MaxBytes: gib, Holds: "IdempotencyRecord"},
		{Name: BucketHandled, TTL: 365 * day, MaxBytes: gib, Holds: "Handling: what operators did with what is left over"},
	}
}
