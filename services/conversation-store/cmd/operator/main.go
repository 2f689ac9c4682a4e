// Command operator sees and handles what is left over: webhooks in quarantine, dead letters, messages to be replayed. It
// asks the running services over NATS; docs/operating.md lists what it does.
package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/galaxyco-ai/conversations/services/conversation-store/operate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := operate.Main(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
