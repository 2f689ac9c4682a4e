package project_test

import (
	"context"
	"log/slog"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/project"
)

const (
	patience = 60 * time.Second
	tick     = 5 * time.Millisecond
)

// bundle is a store at work on streams of its own.
type bundle struct {
	url string
	db  *postgres.DB
	bus *bus.Bus
	ws  pgtest.Workspace
	ids atomic.Int64
}

func setup(tb testing.TB, projectors int) *bundle {
	tb.Helper()
	b := &bundle{url: pgtest.Migrated(tb), bus: bustest.New(tb)}
	b.db = pgtest.Reopen(tb, b.url)
	b.ws = pgtest.NewWorkspace(tb, b.db)
	for range projectors {
		b.start(tb)
	}
	return b
}

// windows is a provider whose WhatsApp can be answered for a day.
func windows(provider string, kind channel.Kind) time.Duration {
	if provider == "phone" && kind == channel.WhatsApp {
		return 24 * time.Hour
	}
	return 0
}

// start runs one more projector with connections of its own.
func (b *bundle) start(tb testing.TB) {
	tb.Helper()
	projector := project.New(pgtest.Reopen(tb, b.url), b.bus, windows, func() {}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	ended := make(chan error, 1)
	go func() { ended <- projector.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		require.NoError(tb, <-ended)
	})
}

// publish stores an event under an id nobody has used: a repetition is delivered like the first.
func (b *bundle) publish(tb testing.TB, subject string, payload proto.Message) {
	tb.Helper()
	b.publishData(tb, subject, encode(tb, payload))
}

func (b *bundle) publishData(tb testing.TB, subject string, payload []byte) {
	tb.Helper()
	id := strconv.FormatInt(b.ids.Add(1), 10)
	_, err := b.bus.Publish(tb.Context(), bus.Publishing{Subject: subject, ID: id, Data: payload})
	require.NoError(tb, err)
}

func encode(tb testing.TB, payload proto.Message) []byte {
	tb.Helper()
	encoded, err := proto.Marshal(payload)
	require.NoError(tb, err)
	return encoded
}

func (b *bundle) send(tb testing.TB, send *eventv1.SendMessage) {
	tb.Helper()
	b.publish(tb, event.SendSubject(mustID(tb, send.GetWorkspaceId()), channel.Kind(send.GetChannel())), send)
}

func (b *bundle) receive(tb testing.TB, received *eventv1.MessageReceived) {
	tb.Helper()
	b.publish(tb, event.InboundSubject(mustID(tb, received.GetWorkspaceId()), channel.Kind(received.GetChannel())), received)
}

func (b *bundle) report(tb testing.TB, receipt *eventv1.MessageReceipt) {
	tb.Helper()
	b.publish(tb, event.ReceiptSubject(mustID(tb, receipt.GetWorkspaceId()), channel.Kind(receipt.GetChannel())), receipt)
}

// settle waits until everything published so far is processed.
func (b *bundle) settle(tb testing.TB) {
	tb.Helper()
	durables := map[string]string{
		event.StreamSend:    event.DurableStoreSend,
		event.StreamInbound: event.DurableStoreInbound,
		event.StreamReceipt: event.DurableStoreReceipt,
	}
	for stream, durable := range durables {
		_, last, err := b.bus.Bounds(tb.Context(), stream)
		require.NoError(tb, err)
		require.Eventually(tb, func() bool {
			consumer, err := b.bus.JetStream().Consumer(tb.Context(), stream, durable)
			return err == nil && consumer.CachedInfo().AckFloor.Stream >= last
		}, patience, tick, "%s is processed", stream)
	}
}

// whileHeld does something while nobody else can write to the workspace.
func (b *bundle) whileHeld(tb testing.TB, do func()) {
	tb.Helper()
	require.NoError(tb, b.db.ChangeInWorkspace(tb.Context(), b.ws.ID, func(context.Context, postgres.ChangeTx) error {
		do()
		return nil
	}))
}

// awaitHeld waits until the projector has so many messages of a stream in its hands.
func (b *bundle) awaitHeld(tb testing.TB, stream, durable string, count int) {
	tb.Helper()
	require.Eventually(tb, func() bool {
		consumer, err := b.bus.JetStream().Consumer(tb.Context(), stream, durable)
		return err == nil && consumer.CachedInfo().NumAckPending == count && consumer.CachedInfo().NumPending == 0
	}, patience, tick, "%d messages are held", count)
}

// text is a text message to a customer, accepted just now.
func (b *bundle) text(peer, body string) *eventv1.SendMessage {
	return &eventv1.SendMessage{
		WorkspaceId: b.ws.ID.String(), MessageId: uuid.NewString(), Channel: "sms", ChannelAccountId: b.ws.SMS.String(),
		ConversationId: conversation.DeriveID(b.ws.ID, channel.SMS, b.ws.SMS.String(), peer),
		Provider:       "phone", Mode: "platform", From: b.ws.Phone, To: peer, Body: body, SenderId: b.ws.User.String(),
		AcceptedAt: timestamppb.Now(), Attempt: 1,
	}
}

// answer is a text message from a customer.
func (b *bundle) answer(peer, externalID, body string) *eventv1.MessageReceived {
	return &eventv1.MessageReceived{
		WorkspaceId: b.ws.ID.String(), Channel: "sms", ChannelAccountId: b.ws.SMS.String(), Provider: "phone",
		MessageId:      conversation.DeriveMessageID(b.ws.ID, b.ws.SMS.String(), externalID),
		ConversationId: conversation.DeriveID(b.ws.ID, channel.SMS, b.ws.SMS.String(), peer),
		ExternalId:     externalID, From: peer, To: b.ws.Phone, Body: body,
		OccurredAt: timestamppb.Now(), ReceivedAt: timestamppb.Now(),
		Raw: &eventv1.RawPayload{
			Method: "POST", Url: "https://example.com/hook", Headers: []string{"Content-Type: text/plain", "A: b"},
			Body: []byte("\x00\xff" + body), ReceivedAt: timestamppb.Now(),
		},
	}
}

// letter is an e-mail from a customer.
func (b *bundle) letter(peer, externalID, subject string) *eventv1.MessageReceived {
	letter := b.answer(peer, externalID, "text of "+subject)
	letter.Channel, letter.ChannelAccountId, letter.Provider, letter.To = "email", b.ws.Email.String(), "mail", b.ws.Inbox
	letter.MessageId = conversation.DeriveMessageID(b.ws.ID, b.ws.Email.String(), externalID)
	letter.ConversationId = b.derive(peer)
	letter.Subject, letter.EmailMessageId = subject, externalID+"@example.com"
	return letter
}

// derive is the conversation of an e-mail peer.
func (b *bundle) derive(peer string) string {
	return conversation.DeriveID(b.ws.ID, channel.Email, b.ws.Email.String(), peer)
}

// receipt is one thing that became of a message.
func (b *bundle) receipt(send *eventv1.SendMessage, status, key string) *eventv1.MessageReceipt {
	return &eventv1.MessageReceipt{
		WorkspaceId: send.GetWorkspaceId(), MessageId: send.GetMessageId(), Channel: send.GetChannel(),
		ChannelAccountId: send.GetChannelAccountId(), Provider: send.GetProvider(), Status: status, ProviderStatus: status,
		OccurredAt: timestamppb.Now(), DedupeKey: send.GetMessageId() + "/" + key, Step: "callback",
	}
}

// row reads one value as the serving role of the workspace.
func row[T any](tb testing.TB, b *bundle, sql string, args ...any) T {
	tb.Helper()
	found, err := postgres.Query(tb.Context(), b.db, b.ws.ID, pgx.RowTo[T], sql, args...)
	require.NoError(tb, err)
	require.Len(tb, found, 1)
	return found[0]
}

// change runs a statement as the serving role of the workspace.
func (b *bundle) change(tb testing.TB, sql string, args ...any) {
	tb.Helper()
	require.NoError(tb, b.db.InWorkspace(tb.Context(), b.ws.ID, func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	}))
}

// facts are the subjects of what is to be told, without their workspace, oldest first. No relay runs here.
func (b *bundle) facts(tb testing.TB) []string {
	tb.Helper()
	var subjects []string
	for _, fact := range b.untold(tb) {
		subjects = append(subjects, fact.GetSubject()[47:])
	}
	return subjects
}

// changes are the facts themselves.
func (b *bundle) changes(tb testing.TB) []*eventv1.Change {
	tb.Helper()
	var changes []*eventv1.Change
	for _, fact := range b.untold(tb) {
		var change eventv1.Change
		require.NoError(tb, proto.Unmarshal(fact.GetChange(), &change))
		changes = append(changes, &change)
	}
	return changes
}

func (b *bundle) untold(tb testing.TB) []*storev1.Fact {
	tb.Helper()
	var payloads [][]byte
	require.NoError(tb, b.db.AsOwner(tb.Context(), func(ctx context.Context, tx postgres.Tx) error {
		rows, err := tx.Query(ctx, "SELECT payload FROM outbox WHERE target = 'change' ORDER BY id")
		require.NoError(tb, err)
		payloads, err = pgx.CollectRows(rows, pgx.RowTo[[]byte])
		return err
	}))
	var facts []*storev1.Fact
	for _, payload := range payloads {
		var together storev1.Facts
		require.NoError(tb, proto.Unmarshal(payload, &together))
		facts = append(facts, together.GetFacts()...)
	}
	return facts
}

func mustID(tb testing.TB, text string) workspace.ID {
	tb.Helper()
	id, err := workspace.ParseID(text)
	require.NoError(tb, err)
	return id
}
