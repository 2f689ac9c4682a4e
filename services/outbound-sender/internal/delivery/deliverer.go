// Package delivery takes one message from the stream to its provider: claim in the ledger, one call, outcome in the
// ledger, receipt, acknowledgement. It may be interrupted at any line. What is claimed and has no outcome was perhaps
// sent: it is never sent again, except through a provider that recognises the repetition.
package delivery

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/file"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/permit"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/schedule"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/turn"
)

// Routes tells whether a channel account is still a workspace's own.
type Routes interface {
	Routed(workspaceID, channelAccountID string) bool
}

// Config is what a Deliverer works with.
type Config struct {
	Bus         *bus.Bus
	Ledger      *ledger.Ledger
	Permits     *permit.Checker
	Automatic   *permit.Automatic
	Files       *file.Store
	Routes      Routes
	Credentials *credential.Pool
	// Budget bounds the bytes of files on their way.
	Budget *file.Budget
	// Turnstile is where what messages do at the bus waits for its turn.
	Turnstile *turn.Turnstile
	Measures  *Measures
	// PublicURL stands before /api/webhooks in the URL providers call back.
	PublicURL string
	// SendTimeout bounds one call to a provider.
	SendTimeout time.Duration
	Patience    Patience
	// Unknown is told of every attempt whose outcome is open.
	Unknown func(ledger.Record)
	Logger  *slog.Logger
	Tracing trace.TracerProvider
}

// Deliverer makes tasks of messages. It is safe for concurrent use.
type Deliverer struct {
	Config
	tracer trace.Tracer
}

// New makes a Deliverer.
func New(cfg Config) *Deliverer {
	return &Deliverer{
		Config: cfg,
		tracer: cfg.Tracing.Tracer("github.com/galaxyco-ai/conversations/services/outbound-sender"),
	}
}

// Open makes a task of a message. What cannot be read becomes a task that dead-letters it, in a lane of its own.
func (d *Deliverer) Open(m *bus.Message) schedule.Task { return newTask(d, m) }

// storeTimeout bounds the ledger and receipts of one step.
const storeTimeout = 10 * time.Second

// storing is a context for what must be written even when the process is stopping.
func storing(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
}
