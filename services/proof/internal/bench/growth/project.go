package growth

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/rest"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/sample"
)

//go:embed sql/sent.sql
var selectSent string

const (
	starts = 3
	// look is how often it is asked how far the store has come.
	look = 20 * time.Millisecond
	// calmLooks is how often in a row nothing may wait until the system is at rest.
	calmLooks = 3
	// patience bounds how long the store may take to catch up.
	patience = 5 * time.Minute
	// blocks is how much of the table is looked at to find some that were sent, in percent.
	blocks = 20
	// read is above delivered, so that the news changes the message.
	statusRead = "read"
)

// startUp measures from the start of the store's process until it is ready.
func (b *bench) startUp(ctx context.Context, c *curve, size int) error {
	var took []time.Duration
	for range starts {
		if err := b.cfg.Store.Terminate(ctx); err != nil {
			return fmt.Errorf("stopping the store: %w", err)
		}
		begun := time.Now()
		if err := b.start(ctx); err != nil {
			return err
		}
		took = append(took, time.Since(begun))
	}
	c.add("start of the store until ready", point{
		size: size, cost: sample.Milliseconds(sample.Percentile(took, median)), unit: milli,
		note: strconv.Itoa(starts) + " starts, median",
	})
	return nil
}

func (b *bench) start(ctx context.Context) error {
	if err := b.cfg.Store.Start(ctx); err != nil {
		return fmt.Errorf("starting the store: %w", err)
	}
	if err := b.cfg.Store.Ready(ctx); err != nil {
		return fmt.Errorf("starting the store: %w", err)
	}
	return nil
}

// projection fills INBOUND and RECEIPT while the store is away, half with messages of known customers and half with news
// of messages that are there, and measures how fast it catches up.
func (b *bench) projection(ctx context.Context, c *curve, size int) error {
	if err := b.rest(ctx); err != nil {
		return err
	}
	receipts, err := b.receipts(ctx, b.cfg.Events/2) //nolint:mnd // half of them
	if err != nil {
		return err
	}
	events := append(b.answers(b.cfg.Events-len(receipts)), receipts...)
	if err := b.cfg.Store.Terminate(ctx); err != nil {
		return fmt.Errorf("stopping the store: %w", err)
	}
	if err := b.bus.PublishAll(ctx, events); err != nil {
		return fmt.Errorf("filling the streams: %w", err)
	}
	if err := b.start(ctx); err != nil {
		return err
	}
	rate, err := b.catchUp(ctx, len(events))
	if err != nil {
		return err
	}
	c.add("projection of an event", point{
		size: size, cost: float64(time.Second/time.Microsecond) / rate, unit: "µs", barred: true,
		note: fmt.Sprintf("%d messages in and %d receipts, %.0f a second", len(events)-len(receipts), len(receipts), rate),
	})
	return b.rest(ctx)
}

// answers are messages of customers in conversations that are there.
func (b *bench) answers(count int) []bus.Publishing {
	var events []bus.Publishing
	for range count {
		ws, n := b.pick.next()
		account, from, external := ws.Accounts[channel.SMS], peer(n), uuid.NewString()
		message := &eventv1.MessageReceived{
			WorkspaceId: ws.ID.String(), MessageId: conversation.DeriveMessageID(ws.ID, account.ID, external),
			ConversationId: conversation.DeriveID(ws.ID, channel.SMS, account.ID, from), Channel: string(channel.SMS),
			ChannelAccountId: account.ID, Provider: account.Provider, ExternalId: external, From: from, To: account.Address,
			Body:       "thank you word7 word77 word777 word4000, that is what I wanted to know about the order",
			OccurredAt: timestamppb.Now(), ReceivedAt: timestamppb.Now(),
		}
		events = append(events, bus.Publishing{
			Subject: event.InboundSubject(ws.ID, channel.SMS), ID: message.GetMessageId(), Payload: message,
		})
	}
	return events
}

// receipts are news of messages that are there.
func (b *bench) receipts(ctx context.Context, count int) ([]bus.Publishing, error) {
	rows, err := b.loader.conn.Query(ctx, selectSent, blocks, count)
	if err != nil {
		return nil, fmt.Errorf("choosing messages: %w", err)
	}
	var events []bus.Publishing
	var ws, message, account, provider, external string
	_, err = pgx.ForEachRow(rows, []any{&ws, &message, &account, &provider, &external}, func() error {
		id, err := workspace.ParseID(ws)
		if err != nil {
			return err
		}
		key := message + ".growth"
		events = append(events, bus.Publishing{
			Subject: event.ReceiptSubject(id, channel.SMS), ID: key,
			Payload: &eventv1.MessageReceipt{
				WorkspaceId: ws, MessageId: message, Channel: string(channel.SMS), ChannelAccountId: account, Provider: provider,
				ExternalId: external, Status: statusRead, ProviderStatus: statusRead, OccurredAt: timestamppb.Now(), Attempt: 1,
				DedupeKey: key, Step: "callback",
			},
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("choosing messages: %w", err)
	}
	return events, nil
}

// catchUp is how many events a second the store settles, over the middle four fifths of them; over all where they are
// too few for a look in between.
func (b *bench) catchUp(ctx context.Context, count int) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tenth := uint64(count) / 10 //nolint:gosec,mnd // a tenth at either end
	var begun time.Time
	var first uint64
	for started := time.Now(); ; {
		left, err := b.waiting(ctx)
		if err != nil {
			return 0, err
		}
		if begun.IsZero() && left <= uint64(count)-tenth { //nolint:gosec // a number of events
			begun, first = time.Now(), left
		}
		if left <= tenth {
			if first <= left {
				return float64(count) / time.Since(started).Seconds(), nil
			}
			return float64(first-left) / time.Since(begun).Seconds(), nil
		}
		select {
		case <-time.After(look):
		case <-ctx.Done():
			return 0, fmt.Errorf("waiting for the store, %d events left: %w", left, ctx.Err())
		}
	}
}

// waiting is how many events the store has not settled.
func (b *bench) waiting(ctx context.Context) (uint64, error) {
	total := uint64(0)
	for stream, durable := range map[string]string{
		event.StreamSend: event.DurableStoreSend, event.StreamInbound: event.DurableStoreInbound,
		event.StreamReceipt: event.DurableStoreReceipt,
	} {
		consumer, err := b.bus.JetStream().Consumer(ctx, stream, durable)
		if err != nil {
			return 0, fmt.Errorf("looking at %s: %w", durable, err)
		}
		info := consumer.CachedInfo()
		total += info.NumPending + uint64(max(0, info.NumAckPending))
	}
	return total, nil
}

// rest waits until the sender and the store have nothing before them, three times in a row: what the sandbox does takes
// a moment.
func (b *bench) rest(ctx context.Context) error {
	err := rest.Watch{
		JetStream: b.bus.JetStream(), Streams: []string{event.StreamSend, event.StreamInbound, event.StreamReceipt},
		Counts: ofServices, Logger: b.cfg.Logger,
	}.Until(ctx, rest.Calm(calmLooks))
	if err != nil {
		return fmt.Errorf("waiting for the services: %w", err)
	}
	return nil
}

// ofServices leaves out consumers of others, which may be gone.
func ofServices(consumer string) bool {
	switch consumer {
	case event.DurableSenderSend, event.DurableStoreSend, event.DurableStoreInbound, event.DurableStoreReceipt:
		return true
	default:
		_, diverted := event.DivertedWorkspace(consumer)
		return diverted
	}
}
