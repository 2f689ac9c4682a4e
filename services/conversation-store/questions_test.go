package store_test

import (
	"cmp"
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	store "github.com/galaxyco-ai/conversations/services/conversation-store"
)

const customer = "+14155550123"

// asker is a workspace that signed up at a running store, and asks it.
type asker struct {
	bus   *bus.Bus
	ws    workspace.ID
	user  string
	token string
	// cfg and url are for commands beside the store.
	cfg   store.Config
	url   string
	route *bucketv1.Route
}

// newAsker runs a store in sandbox mode with every provider configured, and signs up.
func newAsker(t *testing.T) *asker {
	t.Helper()
	nats := bustest.Server(t)
	a := &asker{bus: bustest.Connect(t, nats)}
	a.url = pgservertest.Database(t)
	cfg := store.Config{
		Base:        service.Base{NATSServer: nats, LogLevel: "error", Lookup: everyProvider(t)},
		DatabaseURL: a.url, Address: "127.0.0.1:0", Sandbox: true,
		ReadConnections: 4, WriteConnections: 4,
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- store.Run(ctx, cfg) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	session := &storev1.SessionResponse{}
	require.Eventually(t, func() bool {
		request := &storev1.SignUpRequest{
			Name: "Ann", Email: "ann@example.com", Password: "correct horse", WorkspaceName: "Blue Door",
		}
		return a.bus.Ask(t.Context(), event.AskSubject(workspace.ID{}, "account", "create"), request, session) == nil
	}, patience, tick)
	var err error
	a.ws, err = workspace.ParseID(session.GetWorkspace().GetId())
	require.NoError(t, err)
	a.user, a.token, a.cfg = session.GetUser().GetId(), session.GetToken(), cfg
	a.route = a.textRoute(t)
	return a
}

// everyProvider is an environment in which each provider has its credential.
func everyProvider(t *testing.T) func(string) (string, bool) {
	t.Helper()
	registry, err := all.Registry()
	require.NoError(t, err)
	environment := map[string]string{}
	addresses := map[channel.Kind]string{channel.Email: "hello@platform.example"}
	for _, name := range registry.Names() {
		provider, _ := registry.Provider(name)
		for _, field := range provider.Describe().Fields {
			environment[field.Env] = "value"
			if field.AddressOf != "" {
				environment[field.Env] = cmp.Or(addresses[field.AddressOf], "+14155550100")
			}
		}
	}
	return func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	}
}

func (a *asker) textRoute(t *testing.T) *bucketv1.Route {
	t.Helper()
	bucket, err := a.bus.Bucket(t.Context(), event.BucketRoutes)
	require.NoError(t, err)
	for key, err := range bucket.Keys(t.Context()) {
		require.NoError(t, err)
		entry, err := bucket.Get(t.Context(), key)
		require.NoError(t, err)
		route := &bucketv1.Route{}
		require.NoError(t, proto.Unmarshal(entry.Value, route))
		if route.GetChannel() == string(channel.SMS) {
			return route
		}
	}
	require.Fail(t, "sign-up gave no number")
	return nil
}

func (a *asker) ask(t *testing.T, entity, verb string, request, response proto.Message) error {
	t.Helper()
	return a.bus.Ask(t.Context(), event.AskSubject(a.ws, entity, verb), request, response)
}

func (a *asker) publish(t *testing.T, subject string, payload proto.Message) {
	t.Helper()
	_, err := a.bus.Publish(t.Context(), bus.Publishing{Subject: subject, ID: uuid.NewString(), Payload: payload})
	require.NoError(t, err)
}

// send publishes a message and what became of it, and returns its id and its conversation's.
func (a *asker) send(t *testing.T, end channel.Status) (message, thread string) {
	t.Helper()
	account := a.route.GetChannelAccountId()
	message, thread = uuid.NewString(), conversation.DeriveID(a.ws, channel.SMS, account, customer)
	start := time.Now()
	a.publish(t, event.SendSubject(a.ws, channel.SMS), &eventv1.SendMessage{
		WorkspaceId: a.ws.String(), MessageId: message, ConversationId: thread, Channel: "sms", ChannelAccountId: account,
		Provider: a.route.GetProvider(), Mode: "platform", From: a.route.GetAddress(), To: customer, Body: "your parcel has come",
		AcceptedAt: timestamppb.New(start), Attempt: 1,
	})
	for i, step := range []struct {
		name   string
		status channel.Status
	}{{"claimed", channel.Sending}, {"accepted", channel.Sent}, {"callback", end}} {
		a.publish(t, event.ReceiptSubject(a.ws, channel.SMS), &eventv1.MessageReceipt{
			WorkspaceId: a.ws.String(), MessageId: message, Channel: "sms", ChannelAccountId: account,
			Provider: a.route.GetProvider(), ExternalId: "external-" + message, Status: string(step.status), Step: step.name,
			OccurredAt: timestamppb.New(start.Add(time.Duration(i+1) * time.Millisecond)), Attempt: 1,
			DedupeKey: message + step.name, ProviderStatus: string(step.status),
		})
	}
	require.Eventually(t, func() bool {
		response := &storev1.GetMessageResponse{}
		err := a.ask(t, "message", "get", &storev1.GetMessageRequest{Id: message}, response)
		return err == nil && response.GetMessage().GetStatus() == string(end)
	}, patience, tick)
	return message, thread
}

func TestWhatTheProjectorWritesTheQuestionsRead(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	message, thread := a.send(t, channel.Delivered)

	journey := &storev1.GetJourneyResponse{}
	require.NoError(t, a.ask(t, "message", "journey", &storev1.GetJourneyRequest{MessageId: message}, journey))
	var steps []string
	for _, step := range journey.GetItems() {
		steps = append(steps, step.GetStep())
	}
	require.Equal(t, []string{"accepted", "claimed", "sent", "delivered"}, steps)

	for _, words := range []string{"parcel", customer, "4155550123 or parce"} {
		list := &storev1.ListConversationsResponse{}
		require.NoError(t, a.ask(t, "conversation", "list", &storev1.ListConversationsRequest{Q: words, Channel: "sms"}, list))
		require.Len(t, list.GetItems(), 1, words)
		require.Equal(t, thread, list.GetItems()[0].GetId())
		require.Equal(t, "delivered", list.GetItems()[0].GetLastStatus())
	}

	labels := &storev1.UpdateConversationRequest{Id: thread, Labels: &storev1.StringList{Values: []string{"parcel"}}}
	require.NoError(t, a.ask(t, "conversation", "update", labels, &storev1.UpdateConversationResponse{}))
	list := &storev1.ListConversationsResponse{}
	require.NoError(t, a.ask(t, "conversation", "list", &storev1.ListConversationsRequest{Label: "parcel"}, list))
	require.Len(t, list.GetItems(), 1)

	reply := &storev1.PrepareReplyResponse{}
	require.NoError(t, a.ask(t, "conversation", "prepare-reply", &storev1.PrepareReplyRequest{ConversationId: thread}, reply))
	require.Equal(t, customer, reply.GetPeer())
	require.Equal(t, a.route.GetChannelAccountId(), reply.GetChannelAccountId())

	retry := &storev1.PrepareRetryResponse{}
	err := a.ask(t, "message", "prepare-retry", &storev1.PrepareRetryRequest{MessageId: message}, retry)
	var refusal *bus.AskError
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, bus.CodeConflict, refusal.Code)
}

func TestARetryGoesBackToQueued(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	message, _ := a.send(t, channel.Failed)
	retry := &storev1.PrepareRetryResponse{}
	require.NoError(t, a.ask(t, "message", "prepare-retry", &storev1.PrepareRetryRequest{MessageId: message}, retry))
	require.Equal(t, int32(2), retry.GetSend().GetAttempt())
	a.publish(t, event.SendSubject(a.ws, channel.SMS), retry.GetSend())
	require.Eventually(t, func() bool {
		response := &storev1.GetMessageResponse{}
		err := a.ask(t, "message", "get", &storev1.GetMessageRequest{Id: message}, response)
		return err == nil && response.GetMessage().GetStatus() == "queued" && response.GetMessage().GetAttempt() == 2
	}, patience, tick)
	journey := &storev1.GetJourneyResponse{}
	require.NoError(t, a.ask(t, "message", "journey", &storev1.GetJourneyRequest{MessageId: message}, journey))
	last := journey.GetItems()[len(journey.GetItems())-1]
	require.Equal(t, "accepted", last.GetStep())
	require.Equal(t, "Attempt 2.", last.GetDetail())
}
