package service

import (
	"context"

	"github.com/galaxyco-ai/conversations/pkg/bus"
)

// Bus connects the service to the bus: to the server in this process when there is one, else to NATSURL. Defaults has
// been called before. The caller closes the bus.
func (b *Base) Bus(ctx context.Context, name string) (*bus.Bus, error) {
	return bus.Connect(ctx, bus.Config{
		URL: b.NATSURL, InProcess: b.NATSServer, Name: name,
		Replicas: b.NATSReplicas,
		Logger:   b.Logger, Tracing: b.Tracing, Metrics: b.Metrics,
	})
}
