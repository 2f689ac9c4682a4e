package fairness

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/sample"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
)

const (
	// peers is how many customers a flood goes to: so many conversations of each workspace.
	peers = 200
	// text is about as long as people's messages are.
	text = "Thank you for your order. It left our warehouse this morning and should be with you in two days."
	// batch is how many events are published before the next are made.
	batch = 1000
)

// Customers of the other workspace and of the floods have numbers of their own, so that the sandbox can be asked for
// either. None ends like the numbers with a meaning.
const (
	probeCustomers = "+1415556"
	floodCustomers = "+1415557"
	firstCustomer  = 1000
)

func customer(prefix string, n int) string { return prefix + strconv.Itoa(firstCustomer+n) }

// flood publishes count messages of the workspaces, one of each in turn, and returns the rate at which they reached the
// provider when all have.
func (b *bench) flood(ctx context.Context, workspaces []tenant.Workspace, count int) (float64, error) {
	marker := b.marker()
	if err := b.publish(ctx, workspaces, marker, count); err != nil {
		return 0, err
	}
	return b.rate(ctx, marker, count)
}

// rate waits until the system is at rest and reads the rate of the messages with the marker.
func (b *bench) rate(ctx context.Context, marker string, count int) (float64, error) {
	if err := b.rest(ctx); err != nil {
		return 0, err
	}
	var all []time.Time
	for n := range peers {
		arrived, err := b.provider.arrivals(ctx, customer(floodCustomers, n), marker)
		if err != nil {
			return 0, err
		}
		for _, at := range arrived {
			all = append(all, at)
		}
	}
	if len(all) != count {
		return 0, fmt.Errorf("%d of %d messages reached the provider", len(all), count)
	}
	return sample.Rate(all), nil
}

// marker begins the texts of one part of the measurement.
func (b *bench) marker() string { return b.run + uuid.NewString()[:8] + "-" }

func (b *bench) publish(ctx context.Context, workspaces []tenant.Workspace, marker string, count int) error {
	for done := 0; done < count; done += batch {
		publishings := make([]bus.Publishing, 0, batch)
		for n := done; n < min(done+batch, count); n++ {
			ws := workspaces[n%len(workspaces)]
			message := request(ws, customer(floodCustomers, n/len(workspaces)%peers), marker+strconv.Itoa(n)+" "+text)
			publishings = append(publishings, bus.Publishing{
				Subject: event.SendSubject(ws.ID, channel.SMS), ID: message.GetMessageId(), Payload: message,
			})
		}
		if err := b.bus.PublishAll(ctx, publishings); err != nil {
			return fmt.Errorf("flooding: %w", err)
		}
	}
	return nil
}

// request is the event the gateway makes of a request to send a text.
func request(ws tenant.Workspace, to, body string) *eventv1.SendMessage {
	account := ws.Accounts[channel.SMS]
	return &eventv1.SendMessage{
		WorkspaceId: ws.ID.String(), MessageId: uuid.Must(uuid.NewV7()).String(), Channel: string(channel.SMS),
		ConversationId:   conversation.DeriveID(ws.ID, channel.SMS, account.ID, to),
		ChannelAccountId: account.ID, Provider: account.Provider, Mode: account.Mode,
		From: account.Address, To: to, Body: body, AcceptedAt: timestamppb.Now(), Attempt: 1,
	}
}
