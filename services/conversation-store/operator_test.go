package store_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	store "github.com/galaxyco-ai/conversations/services/conversation-store"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

func (a *asker) operate(t *testing.T, entity, verb string, request, response proto.Message) error {
	t.Helper()
	return a.bus.Ask(t.Context(), event.AskSubject(workspace.ID{}, entity, verb), request, response)
}

// received is a text message from a customer.
func (a *asker) received(t *testing.T, externalID string) string {
	t.Helper()
	account := a.route.GetChannelAccountId()
	id := conversation.DeriveMessageID(a.ws, account, externalID)
	a.publish(t, event.InboundSubject(a.ws, channel.SMS), &eventv1.MessageReceived{
		WorkspaceId: a.ws.String(), Channel: "sms", ChannelAccountId: account, Provider: a.route.GetProvider(), MessageId: id,
		ConversationId: conversation.DeriveID(a.ws, channel.SMS, account, customer), ExternalId: externalID,
		From: customer, To: a.route.GetAddress(), Body: "hello " + externalID, OccurredAt: timestamppb.Now(), ReceivedAt: timestamppb.Now(),
		Raw: &eventv1.RawPayload{Method: "POST", Body: []byte(externalID), ReceivedAt: timestamppb.Now()},
	})
	a.await(t, id)
	return id
}

func (a *asker) await(t *testing.T, message string) {
	t.Helper()
	require.Eventually(t, func() bool {
		return a.ask(t, "message", "get", &storev1.GetMessageRequest{Id: message}, &storev1.GetMessageResponse{}) == nil
	}, patience, tick)
}

// hashOf sums up every row that the streams make, but for the times at which the rows were written.
func hashOf(t *testing.T, db *postgres.DB) string {
	t.Helper()
	const text = `SELECT md5(COALESCE(string_agg(line, E'\n' ORDER BY line), '')) FROM (
		SELECT (to_jsonb(m) - 'updated_at')::text AS line FROM conversation_messages m
		UNION ALL SELECT (to_jsonb(c) - 'updated_at')::text FROM conversations c
		UNION ALL SELECT (to_jsonb(e) - 'recorded_at')::text FROM message_events e
		UNION ALL SELECT (to_jsonb(r))::text FROM raw_payloads r
		UNION ALL SELECT (to_jsonb(f))::text FROM message_attachments f
		UNION ALL SELECT (to_jsonb(p))::text FROM conversation_participants p
		UNION ALL SELECT (to_jsonb(n) - 'created_at')::text FROM email_references n
		UNION ALL SELECT (to_jsonb(k) - 'created_at' - 'updated_at')::text FROM contacts k
		UNION ALL SELECT (to_jsonb(d) - 'created_at')::text FROM contact_addresses d) AS lines`
	var hash string
	require.NoError(t, db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		return tx.QueryRow(ctx, text).Scan(&hash)
	}))
	return hash
}

// lose deletes every row that the streams make.
func lose(t *testing.T, db *postgres.DB) {
	t.Helper()
	require.NoError(t, db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, `TRUNCATE conversations, conversation_messages, message_attachments, message_events, raw_payloads,
			email_references, conversation_participants, conversation_aliases, contacts, contact_addresses`)
		return err
	}))
}

func TestMessagesAreRebuiltFromTheStreams(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	db := pgtest.Reopen(t, a.url)
	a.received(t, "in-1")
	sent, _ := a.send(t, channel.Delivered)
	a.received(t, "in-2")
	a.send(t, channel.Failed)
	empty := func() string {
		lose(t, db)
		return hashOf(t, db)
	}
	before := hashOf(t, db)
	_, facts, err := a.bus.Bounds(t.Context(), event.StreamChange)
	require.NoError(t, err)
	require.NotEqual(t, before, empty())

	for range 2 { // a second time changes nothing
		require.NoError(t, store.RebuildMessages(t.Context(), a.cfg))
		require.Equal(t, before, hashOf(t, db))
	}

	a.await(t, sent)
	_, after, err := a.bus.Bounds(t.Context(), event.StreamChange)
	require.NoError(t, err)
	require.Equal(t, facts, after, "what was told before is not told again")
}

func TestReplayingADayTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	db := pgtest.Reopen(t, a.url)
	begun := timestamppb.Now()
	first := a.received(t, "in-1")
	a.received(t, "in-2")
	before := hashOf(t, db)
	replay := func(request *operatorv1.ReplayInboundRequest) int32 {
		request.By = "ada"
		response := &operatorv1.ReplayInboundResponse{}
		require.Eventually(t, func() bool { return a.operate(t, "inbound", "replay", request, response) == nil }, patience, tick)
		require.Zero(t, response.GetNext())
		require.Zero(t, response.GetFailed())
		return response.GetReplayed()
	}
	for range 2 {
		require.Equal(t, int32(2), replay(&operatorv1.ReplayInboundRequest{From: begun}))
		require.Equal(t, int32(2), replay(&operatorv1.ReplayInboundRequest{WorkspaceId: a.ws.String()}))
		require.Equal(t, int32(1), replay(&operatorv1.ReplayInboundRequest{MessageId: first}))
		require.Equal(t, int32(0), replay(&operatorv1.ReplayInboundRequest{To: begun}))
		require.Equal(t, int32(0), replay(&operatorv1.ReplayInboundRequest{WorkspaceId: uuid.NewString()}))
		require.Equal(t, before, hashOf(t, db))
	}
	lose(t, db)
	require.Equal(t, int32(2), replay(&operatorv1.ReplayInboundRequest{From: begun}))
	require.Equal(t, before, hashOf(t, db), "what was lost is back")

	for _, request := range []*operatorv1.ReplayInboundRequest{
		{By: "ada"}, {WorkspaceId: a.ws.String()}, {By: "ada", MessageId: "x"}, {By: "ada", WorkspaceId: "x"},
	} {
		err := a.operate(t, "inbound", "replay", request, &operatorv1.ReplayInboundResponse{})
		require.ErrorContains(t, err, bus.CodeInvalid)
	}
}

func TestADeadLetterIsDrivenAgainByItsServiceAlone(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	account := uuid.NewString() // nobody has it yet
	id := uuid.NewString()
	send := &eventv1.SendMessage{
		WorkspaceId: a.ws.String(), MessageId: id, ConversationId: uuid.NewString(), Channel: "sms", ChannelAccountId: account,
		Provider: a.route.GetProvider(), Mode: "platform", From: a.route.GetAddress(), To: customer, Body: "hello",
		AcceptedAt: timestamppb.Now(), Attempt: 1,
	}
	a.publish(t, event.SendSubject(a.ws, channel.SMS), send)
	list := &operatorv1.ListDeadResponse{}
	require.Eventually(t, func() bool {
		err := a.operate(t, "dead-letter", "list", &operatorv1.ListDeadRequest{Service: event.ServiceStore}, list)
		return err == nil && len(list.GetItems()) == 1
	}, patience, tick)
	letter := list.GetItems()[0]
	require.Equal(t, a.ws.String(), letter.GetWorkspaceId())
	require.Empty(t, letter.GetPayload())
	shown := &operatorv1.GetDeadResponse{}
	require.NoError(t, a.operate(t, "dead-letter", "get", &operatorv1.GetDeadRequest{Id: letter.GetId()}, shown))
	require.NotEmpty(t, shown.GetItem().GetPayload())

	db := pgtest.Reopen(t, a.url)
	require.NoError(t, db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO channel_accounts (workspace_id, id, channel, provider, address, mode)
			VALUES ($1, $2, 'sms', 'late', '+15002999999', 'platform')`, a.ws.UUID(), account)
		return err
	}))
	drive := &operatorv1.DriveDeadRequest{Id: letter.GetId(), By: "ada"}
	driven := &operatorv1.DriveDeadResponse{}
	for range 2 { // the second time changes nothing
		require.NoError(t, a.operate(t, "dead-letter", "drive", drive, driven))
		require.Equal(t, "ada", driven.GetItem().GetHandling().GetBy())
	}
	a.await(t, id)
	_, last, err := a.bus.Bounds(t.Context(), event.StreamSend)
	require.NoError(t, err)
	require.Equal(t, letter.GetStreamSequence()+1, last)
	again, err := a.bus.ReadAt(t.Context(), event.StreamSend, last)
	require.NoError(t, err)
	require.Equal(t, event.ServiceStore, again.Header(event.HeaderOnlyFor))
	require.NoError(t, a.operate(t, "dead-letter", "list", &operatorv1.ListDeadRequest{}, list))
	require.Empty(t, list.GetItems())
	require.NoError(t, a.operate(t, "dead-letter", "list", &operatorv1.ListDeadRequest{All: true}, list))
	require.Len(t, list.GetItems(), 1)

	require.ErrorContains(t, a.operate(t, "dead-letter", "get", &operatorv1.GetDeadRequest{Id: 99}, shown), bus.CodeNotFound)
	require.ErrorContains(t, a.operate(t, "dead-letter", "drive", &operatorv1.DriveDeadRequest{Id: 1}, driven), bus.CodeInvalid)
}

func TestTheOperatorRoleComesFromACommandAlone(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	principal := func() *bucketv1.Principal {
		bucket, err := a.bus.Bucket(t.Context(), event.BucketAccess)
		require.NoError(t, err)
		entry, err := bucket.Get(t.Context(), event.AccessKey(a.token))
		require.NoError(t, err)
		found := &bucketv1.Principal{}
		require.NoError(t, proto.Unmarshal(entry.Value, found))
		return found
	}
	require.False(t, principal().GetOperator())
	require.Error(t, store.SetOperator("nobody@example.com", true)(t.Context(), a.cfg))

	require.NoError(t, store.SetOperator("Ann@example.com", true)(t.Context(), a.cfg))
	require.True(t, principal().GetOperator(), "an open session hears of it")
	session := &storev1.SessionResponse{}
	require.NoError(t, a.operate(t, "session", "create", &storev1.LogInRequest{Email: "ann@example.com", Password: "correct horse"}, session))
	require.True(t, session.GetPrincipal().GetOperator())
	key := &storev1.CreateApiKeyResponse{}
	require.NoError(t, a.ask(t, "api-key", "create", &storev1.CreateApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Name: "deploy", CreatedBy: a.user, Role: "admin"}, key))

	require.NoError(t, store.SetOperator("ann@example.com", false)(t.Context(), a.cfg))
	require.False(t, principal().GetOperator())
}
