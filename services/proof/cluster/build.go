package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

const (
	servicesPath = "github.com/galaxyco-ai/conversations/services/"
	natsPath     = "github.com/nats-io/nats-server/v2"

	nameSandbox = "sandbox"
	nameNATS    = "nats-server"

	// buildTimeout is enough for everything on a slow machine with nothing built yet; buildDelay is how long what the go
	// command has started may keep its output open after it.
	buildTimeout = 10 * time.Minute
	buildDelay   = 10 * time.Second
)

// Build builds the programs — the four services, the sandbox and the NATS server — with build tags into a folder. It
// works wherever the go command finds the workspace.
func Build(ctx context.Context, into string, tags ...string) error {
	into, err := filepath.Abs(into)
	if err != nil {
		return fmt.Errorf("locating the folder of the programs: %w", err)
	}
	if err := os.MkdirAll(into, 0o750); err != nil {
		return fmt.Errorf("making the folder of the programs: %w", err)
	}
	arguments := []string{"build", "-o", into + string(filepath.Separator)}
	if len(tags) > 0 {
		arguments = append(arguments, "-tags", strings.Join(tags, ","))
	}
	for _, name := range append(services(), nameSandbox) {
		arguments = append(arguments, servicesPath+name+"/cmd/"+name)
	}
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	//nolint:gosec // the arguments are packages of ours and the caller's tags
	command := exec.CommandContext(ctx, "go", append(arguments, natsPath)...)
	command.WaitDelay = buildDelay
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building the programs: %w: %s", err, output)
	}
	return nil
}

// services lists the services in the order they are started.
func services() []string {
	return []string{event.ServiceStore, event.ServiceGateway, event.ServiceSender, event.ServiceWebhook}
}
