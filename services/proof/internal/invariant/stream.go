package invariant

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

const (
	batch     = 1_000
	fetchWait = 2 * time.Second
)

// lastChange is how far CHANGE is.
func lastChange(ctx context.Context, at string) (uint64, error) {
	connected, err := nats.Connect(at, nats.Timeout(patience))
	if err != nil {
		return 0, fmt.Errorf("connecting to NATS: %w", err)
	}
	defer connected.Close()
	js, err := jetstream.New(connected)
	if err != nil {
		return 0, fmt.Errorf("opening JetStream: %w", err)
	}
	stream, err := js.Stream(ctx, event.StreamChange)
	if err != nil {
		return 0, fmt.Errorf("opening the changes: %w", err)
	}
	return stream.CachedInfo().State.LastSeq, nil
}

// readStreams reads CHANGE and what was set aside, and how far the consumers are.
func (e *evidence) readStreams(ctx context.Context, w World) error {
	connected, err := nats.Connect(w.NATSURL, nats.Timeout(patience))
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer connected.Close()
	js, err := jetstream.New(connected)
	if err != nil {
		return fmt.Errorf("opening JetStream: %w", err)
	}
	if err := e.readConsumers(ctx, js); err != nil {
		return err
	}
	if err := everyMessage(ctx, js, event.StreamChange, e.addFact); err != nil {
		return err
	}
	for _, name := range []string{event.StreamQuarantine, event.StreamDeadLetter} {
		if err := everyMessage(ctx, js, name, func(m jetstream.Msg, _ uint64) error {
			e.setAside = append(e.setAside, string(m.Data()))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (e *evidence) readConsumers(ctx context.Context, js jetstream.JetStream) error {
	for _, spec := range event.Streams() {
		stream, err := js.Stream(ctx, spec.Name)
		if err != nil {
			return fmt.Errorf("opening %s: %w", spec.Name, err)
		}
		listed := stream.ListConsumers(ctx)
		for info := range listed.Info() {
			if info.Config.Durable == "" {
				continue // whoever follows keeps no place
			}
			e.consumers = append(e.consumers, consumer{
				Stream: spec.Name, Name: info.Name, Pending: int(info.NumPending), Unacknowledged: info.NumAckPending, //nolint:gosec // a stream is shorter
			})
		}
		if listed.Err() != nil {
			return fmt.Errorf("listing the consumers of %s: %w", spec.Name, listed.Err())
		}
	}
	return nil
}

// everyMessage reads a stream from its first to its present last message.
func everyMessage(ctx context.Context, js jetstream.JetStream, name string, take func(jetstream.Msg, uint64) error) error {
	stream, err := js.Stream(ctx, name)
	if err != nil {
		return fmt.Errorf("opening %s: %w", name, err)
	}
	state := stream.CachedInfo().State
	if state.Msgs == 0 {
		return nil
	}
	reader, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy})
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	for last := uint64(0); last < state.LastSeq; {
		got, err := reader.Fetch(batch, jetstream.FetchMaxWait(fetchWait))
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if last, err = takeAll(got, last, take); err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// takeAll takes a batch and gives the sequence of its last message.
func takeAll(got jetstream.MessageBatch, last uint64, take func(jetstream.Msg, uint64) error) (uint64, error) {
	for m := range got.Messages() {
		metadata, err := m.Metadata()
		if err != nil {
			return last, fmt.Errorf("reading its place: %w", err)
		}
		last = metadata.Sequence.Stream
		if err := take(m, last); err != nil {
			return last, err
		}
	}
	return last, got.Error() //nolint:wrapcheck // the caller says what it reads
}

func (e *evidence) addFact(m jetstream.Msg, seq uint64) error {
	var change eventv1.Change
	if err := proto.Unmarshal(m.Data(), &change); err != nil {
		return fmt.Errorf("decoding change %d: %w", seq, err)
	}
	ws, _ := event.WorkspaceOf(m.Subject())
	e.facts = append(e.facts, fact{
		Seq: seq, Workspace: ws.String(), ID: m.Headers().Get(nats.MsgIdHdr), At: change.GetOccurredAt().AsTime(), Change: &change,
	})
	return nil
}
