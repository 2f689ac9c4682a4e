// Package standalone runs everything in one process: the four services, an embedded NATS server, a local Postgres and,
// while no provider's credentials are set, the sandbox. It is the one place that imports the services.
package standalone

import (
	"github.com/galaxyco-ai/conversations/pkg/service"
)

// Config is what standalone decides itself. Every service reads the rest from the same environment.
type Config struct {
	service.Base

	// DataDirectory holds everything that is kept: the streams, the database, the blobs.
	DataDirectory string `env:"CONVERSATIONS_DATA_DIRECTORY" envDefault:".data"`
	// DatabaseURL replaces the local Postgres when set.
	DatabaseURL string `env:"DATABASE_URL" secret:"true"`
	// SyncAlways makes what was acknowledged survive a power cut, for a quarter of the speed.
	SyncAlways bool `env:"CONVERSATIONS_NATS_SYNC_ALWAYS" envDefault:"true"`
	// Demo seeds a workspace to look at, in sandbox mode only.
	Demo bool `env:"CONVERSATIONS_DEMO" envDefault:"true"`

	GatewayAddress string `env:"CONVERSATIONS_GATEWAY_ADDRESS" envDefault:"127.0.0.1:8080"`
	WebhookAddress string `env:"CONVERSATIONS_WEBHOOK_ADDRESS" envDefault:"127.0.0.1:8081"`
	SenderAddress  string `env:"CONVERSATIONS_SENDER_ADDRESS" envDefault:"127.0.0.1:8082"`
	StoreAddress   string `env:"CONVERSATIONS_STORE_ADDRESS" envDefault:"127.0.0.1:8083"`
	SandboxAddress string `env:"CONVERSATIONS_SANDBOX_ADDRESS" envDefault:"127.0.0.1:8090"`
}
