package sender_test

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	patience = time.Minute
	accountA = "8f0d3f0a-0000-4000-8000-00000000000a"
)

// world is a sender's surroundings.
type world struct {
	t        *testing.T
	server   *server.Server
	bus      *bus.Bus
	vendors  []*vendor
	receipts *receipts
	blobs    string // the folder of the blob store
}

func newWorld(t *testing.T, vendors ...*vendor) *world {
	t.Helper()
	running := bustest.Server(t)
	w := &world{t: t, server: running, bus: bustest.Connect(t, running), vendors: vendors, blobs: t.TempDir()}
	require.NoError(t, w.bus.Ensure(t.Context(), event.Streams(), event.Buckets()))
	w.receipts = collect(t, w.bus)
	return w
}

// start runs a sender until stop is called, or the test ends.
func (w *world) start(change ...func(*sender.Config)) (stop func()) {
	w.t.Helper()
	cfg := w.config(change...)
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- sender.Run(ctx, cfg) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			require.NoError(w.t, err)
		case <-time.After(patience):
			require.Fail(w.t, "sender did not stop")
		}
	})
	w.t.Cleanup(stop)
	return stop
}

// run runs a sender that is to end by itself.
func (w *world) run(change ...func(*sender.Config)) error {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	return sender.Run(ctx, w.config(change...))
}

func (w *world) config(change ...func(*sender.Config)) sender.Config {
	w.t.Helper()
	cfg, problems := service.Load[sender.Config](map[string]string{})
	require.Empty(w.t, problems)
	providers := make([]channel.Provider, 0, len(w.vendors))
	for _, v := range w.vendors {
		providers = append(providers, v)
	}
	registry, err := channel.NewRegistry(providers...)
	require.NoError(w.t, err)
	cfg.NATSServer, cfg.Providers, cfg.Address = w.server, registry, "127.0.0.1:0"
	cfg.BlobURL = "file://" + w.blobs
	cfg.Logger = testLogger()
	cfg.Lookup = func(string) (string, bool) { return "secret", true }
	cfg.LeaseTTL, cfg.RetryFirst, cfg.ProbeEvery = 3*time.Second, 10*time.Millisecond, 50*time.Millisecond
	cfg.LookupWaits = []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond}
	for _, apply := range change {
		apply(&cfg)
	}
	return cfg
}

func testLogger() *slog.Logger {
	if os.Getenv("TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}

// route connects a workspace to a vendor.
func (w *world) route(ws workspace.ID, v *vendor) {
	w.t.Helper()
	w.put(event.BucketRoutes, event.RouteKey(v.name, "", channel.SMS, "+1500"+ws.String()), &bucketv1.Route{
		WorkspaceId: ws.String(), ChannelAccountId: accountOf(ws), Channel: string(channel.SMS), Provider: v.name,
		Mode: "platform", Address: "+15002000001",
	})
}

func (w *world) newWorkspace(v *vendor) workspace.ID {
	w.t.Helper()
	ws := workspace.NewID()
	w.route(ws, v)
	return ws
}

func accountOf(ws workspace.ID) string { return uuid.NewSHA1(ws.UUID(), []byte(accountA)).String() }

// put writes a value into a bucket.
func (w *world) put(bucket, key string, value proto.Message) {
	w.t.Helper()
	opened, err := w.bus.Bucket(w.t.Context(), bucket)
	require.NoError(w.t, err)
	data, err := proto.Marshal(value)
	require.NoError(w.t, err)
	_, err = opened.Put(w.t.Context(), key, data)
	require.NoError(w.t, err)
}

// request is a message of ws through v; conversation and body are free.
func request(ws workspace.ID, v *vendor, conversation, body string) *eventv1.SendMessage {
	return &eventv1.SendMessage{
		WorkspaceId: ws.String(), MessageId: uuid.NewString(), ConversationId: conversation,
		Channel: string(channel.SMS), ChannelAccountId: accountOf(ws), Provider: v.name, Mode: "platform",
		From: "+15002000001", To: "+14155550123", Body: body, AcceptedAt: timestamppb.Now(), Attempt: 1,
	}
}

func (w *world) publish(send *eventv1.SendMessage) bus.Ack {
	w.t.Helper()
	ws, err := workspace.ParseID(send.GetWorkspaceId())
	require.NoError(w.t, err)
	ack, err := w.bus.Publish(w.t.Context(), bus.Publishing{
		Subject: event.SendSubject(ws, channel.Kind(send.GetChannel())), Payload: send,
		ID: send.GetMessageId() + "." + strconv.Itoa(int(send.GetAttempt())),
	})
	require.NoError(w.t, err)
	return ack
}

func (w *world) publishAll(sends []*eventv1.SendMessage) {
	w.t.Helper()
	publishings := make([]bus.Publishing, 0, len(sends))
	for _, send := range sends {
		ws, err := workspace.ParseID(send.GetWorkspaceId())
		require.NoError(w.t, err)
		publishings = append(publishings, bus.Publishing{
			Subject: event.SendSubject(ws, channel.Kind(send.GetChannel())), Payload: send, ID: send.GetMessageId(),
		})
	}
	require.NoError(w.t, w.bus.PublishAll(w.t.Context(), publishings))
}

// has tells whether the ledger knows a message.
func (w *world) has(send *eventv1.SendMessage) bool {
	w.t.Helper()
	bucket, err := w.bus.Bucket(w.t.Context(), event.BucketLedger)
	require.NoError(w.t, err)
	_, err = bucket.Get(w.t.Context(), send.GetWorkspaceId()+"."+send.GetMessageId())
	return err == nil
}

func (w *world) entry(send *eventv1.SendMessage) *bucketv1.LedgerEntry {
	w.t.Helper()
	bucket, err := w.bus.Bucket(w.t.Context(), event.BucketLedger)
	require.NoError(w.t, err)
	found, err := bucket.Get(w.t.Context(), send.GetWorkspaceId()+"."+send.GetMessageId())
	require.NoError(w.t, err)
	entry := &bucketv1.LedgerEntry{}
	require.NoError(w.t, proto.Unmarshal(found.Value, entry))
	return entry
}

// leave writes the entry an earlier process left behind.
func (w *world) leave(send *eventv1.SendMessage, entry *bucketv1.LedgerEntry) {
	w.t.Helper()
	entry.WorkspaceId, entry.MessageId = send.GetWorkspaceId(), send.GetMessageId()
	entry.Provider, entry.Channel, entry.Mode = send.GetProvider(), send.GetChannel(), send.GetMode()
	entry.Attempt, entry.ClaimedAt = send.GetAttempt(), timestamppb.Now()
	bucket, err := w.bus.Bucket(w.t.Context(), event.BucketLedger)
	require.NoError(w.t, err)
	data, err := proto.Marshal(entry)
	require.NoError(w.t, err)
	_, err = bucket.Create(w.t.Context(), entry.GetWorkspaceId()+"."+entry.GetMessageId(), data)
	require.NoError(w.t, err)
}

// requireQuiet waits until nothing is left to read and no consumer but the main one is left.
func (w *world) requireQuiet() {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		stream, err := w.bus.JetStream().Stream(w.t.Context(), event.StreamSend)
		if err != nil {
			return false
		}
		count := 0
		consumers := stream.ListConsumers(w.t.Context())
		for info := range consumers.Info() {
			count++
			if info.NumPending > 0 || info.NumAckPending > 0 {
				return false
			}
		}
		return count == 1
	}, patience, 20*time.Millisecond)
}

// receipts gathers what is published on RECEIPT.
type receipts struct {
	mu   sync.Mutex
	all  []*eventv1.MessageReceipt
	news chan struct{}
}

func collect(t *testing.T, b *bus.Bus) *receipts {
	t.Helper()
	r := &receipts{news: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.Follow(ctx, event.StreamReceipt, nil, 1, func(m *bus.Message) error {
			receipt := &eventv1.MessageReceipt{}
			if err := m.Decode(receipt); err != nil {
				return err
			}
			r.mu.Lock()
			r.all = append(r.all, receipt)
			r.mu.Unlock()
			select {
			case r.news <- struct{}{}:
			default:
			}
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return r
}

// of lists the receipts of a message.
func (r *receipts) of(send *eventv1.SendMessage) []*eventv1.MessageReceipt {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []*eventv1.MessageReceipt
	for _, receipt := range r.all {
		if receipt.GetMessageId() == send.GetMessageId() {
			found = append(found, receipt)
		}
	}
	return found
}

// await waits for the receipt of a step.
func (w *world) await(send *eventv1.SendMessage, step string) *eventv1.MessageReceipt {
	w.t.Helper()
	var found *eventv1.MessageReceipt
	require.Eventually(w.t, func() bool {
		for _, receipt := range w.receipts.of(send) {
			if receipt.GetStep() == step {
				found = receipt
				return true
			}
		}
		return false
	}, patience, 5*time.Millisecond, "no receipt %q for %q", step, send.GetBody())
	return found
}
