package fairness

import (
	"context"
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/rest"
)

// calmLooks is how often in a row nothing may wait until the system is at rest.
const calmLooks = 2

// rest waits until nothing is left to be sent, projected or told: until no consumer of the streams has anything before
// it.
func (b *bench) rest(ctx context.Context) error {
	err := rest.Watch{
		JetStream: b.bus.JetStream(), Streams: []string{event.StreamSend, event.StreamReceipt, event.StreamInbound},
		Counts: ofServices, Logger: b.cfg.Logger,
	}.Until(ctx, rest.Calm(calmLooks))
	if err != nil {
		return fmt.Errorf("waiting for the services: %w", err)
	}
	return nil
}

// left waits until the sender has nothing of a flood any more. A few messages are those of the other workspace.
func (b *bench) left(ctx context.Context) error {
	err := rest.Watch{
		JetStream: b.bus.JetStream(), Streams: []string{event.StreamSend}, Counts: ofSender, Logger: b.cfg.Logger,
	}.Until(ctx, func(found rest.Backlog) bool { return found.Total() < probePeers })
	if err != nil {
		return fmt.Errorf("waiting for the sender: %w", err)
	}
	return nil
}

// ofServices leaves out consumers of others, which may be gone.
func ofServices(consumer string) bool {
	switch consumer {
	case event.DurableStoreSend, event.DurableStoreInbound, event.DurableStoreReceipt:
		return true
	default:
		return ofSender(consumer)
	}
}

func ofSender(consumer string) bool {
	_, diverted := event.DivertedWorkspace(consumer)
	return diverted || consumer == event.DurableSenderSend
}
