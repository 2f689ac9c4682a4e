package reconcile_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/reconcile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second

// forgetful is a provider that is asked and never knows.
type forgetful struct {
	channel.Connection

	mu    sync.Mutex
	asked map[string]int
}

// Describe implements channel.Provider.
func (f *forgetful) Describe() channel.Description {
	return channel.Description{
		Name: "acme", Title: "Acme", Channels: []channel.Kind{channel.SMS},
		Fields: []channel.Field{{Name: "key", Env: "ACME_KEY", Required: true, Secret: true}},
	}
}

// Connect implements channel.Provider.
func (f *forgetful) Connect(channel.Credential, *http.Client) (channel.Connection, error) {
	return f, nil
}

// Find implements channel.Finder.
func (f *forgetful) Find(_ context.Context, message channel.Outbound, _ time.Time) (channel.Found, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[message.MessageID]++
	return channel.Found{}, channel.ErrNotFound
}

func (f *forgetful) times() map[int]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	times := map[int]int{}
	for _, asked := range f.asked {
		times[asked]++
	}
	return times
}

// unknown leaves a message whose outcome nobody knows.
func unknown(t *testing.T, b *bus.Bus, book *ledger.Ledger) ledger.Record {
	t.Helper()
	ws := workspace.NewID()
	send := &eventv1.SendMessage{
		WorkspaceId: ws.String(), MessageId: uuid.NewString(), Provider: "acme", Mode: "platform", Channel: "sms", Attempt: 1,
	}
	ack, err := b.Publish(t.Context(), bus.Publishing{Subject: event.SendSubject(ws, channel.SMS), Payload: send})
	require.NoError(t, err)
	record, err := book.Write(t.Context(), ledger.Record{}, &bucketv1.LedgerEntry{
		WorkspaceId: send.GetWorkspaceId(), MessageId: send.GetMessageId(), Attempt: 1, State: ledger.Unknown,
		Provider: "acme", Channel: "sms", SendSequence: ack.Sequence, ClaimedAt: timestamppb.Now(),
	})
	require.NoError(t, err)
	return record
}

func TestReconciler_EachMessageIsAskedForOnceAtATimeHoweverOftenItIsTold(t *testing.T) {
	t.Parallel()
	b, provider := bustest.New(t), &forgetful{asked: map[string]int{}}
	book, err := ledger.Open(t.Context(), b)
	require.NoError(t, err)
	registry, err := channel.NewRegistry(provider)
	require.NoError(t, err)
	accounts, err := channel.PlatformAccounts(registry, func(string) (string, bool) { return "secret", true })
	require.NoError(t, err)
	r := reconcile.New(reconcile.Config{
		Bus: b, Ledger: book, Waits: []time.Duration{100 * time.Millisecond, time.Millisecond}, Most: 2,
		Credentials: credential.NewPool(credential.Config{
			Registry: registry, Source: credential.Platform(accounts), Logger: slog.New(slog.DiscardHandler),
		}),
		Logger: slog.New(slog.DiscardHandler),
	})
	records := make([]ledger.Record, 0, 5)
	for range 5 { // more than may be followed at a time
		records = append(records, unknown(t, b, book))
	}
	bucket, err := b.Bucket(t.Context(), event.BucketLedger)
	require.NoError(t, err)
	_, err = bucket.Put(t.Context(), fmt.Sprint(workspace.NewID(), ".x"), []byte{0xff})
	require.NoError(t, err, "an entry nobody can read")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	for range 3 {
		r.Add(records[0])
	}

	require.Eventually(t, func() bool { return provider.times()[2] == len(records) }, patience, 10*time.Millisecond)
	require.Equal(t, map[int]int{2: 5}, provider.times())
}
