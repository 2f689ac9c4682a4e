package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	store "github.com/galaxyco-ai/conversations/services/conversation-store"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const (
	patience = time.Minute
	tick     = 20 * time.Millisecond
	peers    = 7
)

// surroundings are what a store needs, and a workspace to work for.
type surroundings struct {
	nats *server.Server
	bus  *bus.Bus
	db   *postgres.DB
	url  string
	ws   pgtest.Workspace
}

func surround(t *testing.T, url string) *surroundings {
	t.Helper()
	s := &surroundings{nats: bustest.Server(t), url: url}
	s.bus = bustest.Connect(t, s.nats)
	require.NoError(t, s.bus.Ensure(t.Context(), event.Streams(), event.Buckets()))
	s.db = pgtest.Reopen(t, url)
	require.NoError(t, s.db.Migrate(t.Context()))
	s.ws = pgtest.NewWorkspace(t, s.db)
	return s
}

// talk publishes count messages out, as many in, and that the first ones were sent.
func (s *surroundings) talk(t *testing.T, name string, count int) {
	t.Helper()
	var all []bus.Publishing
	add := func(subject, id string, payload proto.Message) {
		all = append(all, bus.Publishing{Subject: subject, ID: id, Payload: payload})
	}
	for i := range count {
		peer := "+1415" + strconv.Itoa(i%peers)
		id := uuid.NewString()
		externalID := name + strconv.Itoa(i)
		conversationID := conversation.DeriveID(s.ws.ID, channel.SMS, s.ws.SMS.String(), peer)
		add(event.SendSubject(s.ws.ID, channel.SMS), "send"+externalID, &eventv1.SendMessage{
			WorkspaceId: s.ws.ID.String(), MessageId: id, ConversationId: conversationID, Channel: "sms",
			ChannelAccountId: s.ws.SMS.String(), Provider: "phone", To: peer, From: s.ws.Phone, Body: "out",
			AcceptedAt: timestamppb.Now(), Attempt: 1,
		})
		add(event.ReceiptSubject(s.ws.ID, channel.SMS), "receipt"+externalID, &eventv1.MessageReceipt{
			WorkspaceId: s.ws.ID.String(), MessageId: id, Channel: "sms", Status: "sent", DedupeKey: "sent" + externalID,
			ExternalId: externalID + "out", Provider: "phone", OccurredAt: timestamppb.Now(), Attempt: 1,
		})
		add(event.InboundSubject(s.ws.ID, channel.SMS), "inbound"+externalID, &eventv1.MessageReceived{
			WorkspaceId: s.ws.ID.String(), Channel: "sms", ChannelAccountId: s.ws.SMS.String(), Provider: "phone",
			MessageId:      conversation.DeriveMessageID(s.ws.ID, s.ws.SMS.String(), externalID),
			ConversationId: conversationID, ExternalId: externalID, From: peer, To: s.ws.Phone, Body: "in",
			OccurredAt: timestamppb.Now(), ReceivedAt: timestamppb.Now(),
		})
	}
	require.NoError(t, s.bus.PublishAll(t.Context(), all))
}

// count reads one number as the serving role; -1 while the database is away.
func (s *surroundings) count(t *testing.T, sql string) int {
	t.Helper()
	found, err := postgres.Query(t.Context(), s.db, s.ws.ID, pgx.RowTo[int], sql)
	if postgres.Unavailable(err) {
		return -1
	}
	require.NoError(t, err)
	return found[0]
}

// settled tells whether all of count conversations' ends are in the database and announced.
func (s *surroundings) settled(t *testing.T, count int) bool {
	t.Helper()
	if s.count(t, "SELECT count(*) FROM conversation_messages WHERE status IN ('sent', 'received')") != 2*count {
		return false
	}
	waiting := 0
	err := s.db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM outbox").Scan(&waiting)
	})
	return err == nil && waiting == 0
}

// requireFacts checks that CHANGE tells of each committed change exactly once, and last of what the database holds.
func (s *surroundings) requireFacts(t *testing.T, count int) {
	t.Helper()
	first, last, err := s.bus.Bounds(t.Context(), event.StreamChange)
	require.NoError(t, err)
	ids, verbs := map[string]bool{}, map[string]int{}
	newest := map[string]*eventv1.Conversation{}
	for sequence := first; sequence <= last; sequence++ {
		message, err := s.bus.ReadAt(t.Context(), event.StreamChange, sequence)
		require.NoError(t, err)
		id := message.Header(event.HeaderID)
		require.False(t, ids[id], "fact %s is published once", id)
		ids[id] = true
		change := &eventv1.Change{}
		require.NoError(t, message.Decode(change))
		name := change.GetEntity() + "." + change.GetVerb()
		require.Equal(t, event.ChangeSubject(s.ws.ID, change.GetEntity(), change.GetVerb()), message.Subject())
		verbs[name]++
		if change.GetConversation() != nil {
			newest[change.GetEntityId()] = change.GetConversation()
		}
	}
	require.Equal(t, count, verbs["message.created"])
	require.Equal(t, count, verbs["message.received"])
	require.Equal(t, count, verbs["message.sent"])
	require.Equal(t, peers, verbs["conversation.created"])
	for id, told := range newest {
		held, err := postgres.Query(t.Context(), s.db, s.ws.ID, pgx.RowTo[time.Time],
			"SELECT updated_at FROM conversations WHERE id = $1", id)
		require.NoError(t, err)
		require.Equal(t, held[0].UTC(), told.GetUpdatedAt().AsTime(), "the last fact is the state")
	}
}

func TestKilledAtAnyPointNothingIsLostOrToldTwice(t *testing.T) {
	t.Parallel()
	const count, deaths = 60, 3
	binary := filepath.Join(t.TempDir(), "conversation-store")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "faultpoint", "-o", binary, "./cmd/conversation-store")
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))

	for _, point := range []string{"store.before-commit", "store.after-commit", "relay.after-publish"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			s := surround(t, pgservertest.Database(t))
			for death := range deaths {
				s.talk(t, fmt.Sprintf("%d-", death), count/deaths)
				var exit *exec.ExitError
				require.ErrorAs(t, s.process(t.Context(), t, binary, point).Wait(), &exit)
				status, ok := exit.Sys().(syscall.WaitStatus)
				require.True(t, ok)
				require.Equal(t, syscall.SIGKILL, status.Signal(), "it died at the point")
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			survivor := s.process(ctx, t, binary, "")
			require.Eventually(t, func() bool { return s.settled(t, count) }, patience, tick)
			cancel()
			require.Error(t, survivor.Wait())
			s.requireFacts(t, count)
		})
	}
}

// process starts the real program, to be killed at the point.
func (s *surroundings) process(ctx context.Context, t *testing.T, binary, point string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(ctx, binary)
	command.Env = append(os.Environ(), "DATABASE_URL="+s.url, "NATS_URL="+s.nats.ClientURL(),
		"CONVERSATIONS_STORE_ADDRESS=127.0.0.1:0", "CONVERSATIONS_FAULT_POINT="+point)
	command.Stderr = t.Output()
	require.NoError(t, command.Start())
	return command
}

func TestAStoreOutlivesItsDatabase(t *testing.T) {
	t.Parallel()
	const count = 100
	database := pgservertest.Server(t)
	s := surround(t, database.URL("postgres"))
	require.NoError(t, database.Pause(t.Context()))

	address := make(chan string, 1)
	cfg := store.Config{DatabaseURL: s.url, Address: "127.0.0.1:0", ReadConnections: 4, WriteConnections: 8}
	cfg.NATSServer, cfg.Ready = s.nats, func(serving string) { address <- serving }
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- store.Run(ctx, cfg) }()
	ops := "http://" + <-address

	require.Equal(t, http.StatusServiceUnavailable, get(t, ops+"/readyz"), "it says that the database is away")
	require.Equal(t, http.StatusOK, get(t, ops+"/livez"), "and is alive")
	s.talk(t, "before", count)
	require.NoError(t, database.Restart(t.Context()))
	require.Eventually(t, func() bool { return get(t, ops+"/readyz") == http.StatusOK }, patience, tick)
	require.Eventually(t, func() bool { return s.settled(t, count) }, patience, tick)

	require.NoError(t, database.Kill())
	s.talk(t, "while", count)
	require.Eventually(t, func() bool { return get(t, ops+"/readyz") == http.StatusServiceUnavailable }, patience, tick)
	require.NoError(t, database.Restart(t.Context()))
	require.Eventually(t, func() bool { return s.settled(t, 2*count) }, patience, tick)
	require.Equal(t, peers, s.count(t, "SELECT count(*) FROM conversations"))
	first, last, err := s.bus.Bounds(t.Context(), event.StreamDeadLetter)
	require.NoError(t, err)
	require.Equal(t, last+1, first, "nothing was given up")

	cancel()
	require.NoError(t, ignoreCanceled(<-ended))
	s.requireFacts(t, 2*count)
}

func get(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
