package chaos

import (
	"io"
	"log/slog"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/services/proof/internal/faultplan"
)

// Config says what a run does.
type Config struct {
	// Seed is that of the first round; each further round has the next.
	Seed uint64
	// Rounds is how many systems are tried one after the other.
	Rounds int
	// Duration is how long the load and the faults last; Quiet is how long it may take until nothing moves any more.
	Duration, Quiet time.Duration
	// Rate is operations a second in total, Sockets are following clients a workspace.
	Rate                float64
	Workspaces, Sockets int
	Gateways            int
	Kinds               []faultplan.Kind
	// Broken is the guarantee that is taken away; empty for none. Points then are those that bring it out.
	Broken fault.Switch
	// Directory is where the programs, data and logs go.
	Directory string
	// Keep leaves them there although every invariant held.
	Keep bool
	// Out is where it tells what it does; Logger hears details.
	Out    io.Writer
	Logger *slog.Logger
}

// points lists the instants in the code at which processes are killed or paused.
func points() []string {
	return []string{
		"gateway.before-publish", "gateway.after-publish",
		"sender.before-claim", "sender.after-claim", "sender.after-provider", "sender.after-outcome", "sender.before-ack",
		"webhook.before-publish", "webhook.after-publish", "webhook.after-blob",
		"store.before-commit", "store.after-commit", "relay.after-publish",
	}
}

// weakness is how the lack of a guarantee is brought out, and the invariants of which one must notice it.
type weakness struct {
	points  []string
	noticed []string
}

func weaknesses() map[fault.Switch]weakness {
	return map[fault.Switch]weakness{
		fault.AckBeforeCommit: {
			points: []string{"store.before-commit"},
			noticed: []string{
				"every accepted send arrived, ended badly with a reason, or is unknown",
				"every webhook answered well is kept once", "the final state is what the provider said",
			},
		},
		fault.ClaimRemoved: {
			points:  []string{"sender.after-provider"},
			noticed: []string{"no customer got anything twice", "the provider took a message once"},
		},
		fault.DedupeRemoved: {
			points:  []string{"store.after-commit"},
			noticed: []string{"every webhook answered well is kept once"},
		},
		fault.FilterRemoved: {
			points:  []string{"gateway.after-publish"},
			noticed: []string{"nothing crosses a workspace"},
		},
	}
}

// copies is how many processes of each service run.
func (c Config) copies() map[string]int {
	return map[string]int{
		event.ServiceStore: 2, event.ServiceSender: 2, event.ServiceWebhook: 2, event.ServiceGateway: c.Gateways,
	}
}

// environment is what the services get beside the cluster's own.
func (c Config) environment() map[string]string {
	environment := map[string]string{
		"CONVERSATIONS_PPROF":           "true", // memory is compared after a collection of garbage
		"CONVERSATIONS_SANDBOX_JOURNAL": "2000000",
		// A provider that was away is tried again soon enough for a round.
		"CONVERSATIONS_SENDER_RETRY_FIRST": "250ms",
		"CONVERSATIONS_SENDER_PROBE_EVERY": "2s",
		// All workspaces sign up from one address.
		"CONVERSATIONS_GATEWAY_SIGN_INS_PER_MINUTE": "10000",
	}
	if c.Broken != "" {
		environment[fault.BrokenVariable] = string(c.Broken)
	}
	return environment
}

// points are the instants for the plan.
func (c Config) points() []string {
	if c.Broken != "" {
		return weaknesses()[c.Broken].points
	}
	return points()
}
