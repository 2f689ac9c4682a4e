package bus

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// Headers of a dead letter, so that a tool can sort them without decoding.
const (
	HeaderDeadReason   = "Dead-Letter-Reason"
	HeaderDeadStream   = "Dead-Letter-Stream"
	HeaderDeadSequence = "Dead-Letter-Sequence"

	deadPrefix      = "dead."
	maxReasonHeader = 512
	maxLinkedSpans  = 64
)

// Message is one event as it was delivered. It is ours until one of Ack, Retry and DeadLetter was called; until then
// the consumer that delivered it keeps telling the server that we still work on it.
type Message struct {
	bus        *Bus
	delivered  atomic.Pointer[jetstream.Msg] // nil when it was read or followed, not consumed
	stream     string
	service    string
	consumer   string
	subject    string
	data       []byte
	header     nats.Header
	sequence   uint64
	deliveries atomic.Uint64
	timestamp  time.Time
	settled    atomic.Bool
	onSettled  func(m *Message, result string)
}

// Subject is where it was published.
func (m *Message) Subject() string { return m.subject }

// Payload is the event, encoded.
func (m *Message) Payload() []byte { return m.data }

// Header is the first value of a header; empty when there is none.
func (m *Message) Header(name string) string { return m.header.Get(name) }

// Sequence is the message's number in its stream.
func (m *Message) Sequence() uint64 { return m.sequence }

// Deliveries is how often it was delivered to its consumer, this time included.
func (m *Message) Deliveries() uint64 { return m.deliveries.Load() }

// Timestamp is when the stream stored it.
func (m *Message) Timestamp() time.Time { return m.timestamp }

// Workspace is the workspace the subject names; the zero ID when it names none.
func (m *Message) Workspace() workspace.ID {
	id, _ := event.WorkspaceOf(m.subject)
	return id
}

// Decode reads the payload. Its error is Permanent: the same bytes will not become readable.
func (m *Message) Decode(into proto.Message) error {
	if err := proto.Unmarshal(m.data, into); err != nil {
		return Permanent(fmt.Errorf("decoding %s: %w", m.subject, err))
	}
	return nil
}

// Context is ctx with the trace the publisher was in.
func (m *Message) Context(ctx context.Context) context.Context {
	return propagation.TraceContext{}.Extract(ctx, headerCarrier(m.header))
}

// Ack tells the server that the message is processed. An acknowledgement that gets lost means one more delivery.
func (m *Message) Ack() error {
	if m.delivered.Load() == nil || !m.settle(resultDone) {
		return nil
	}
	if err := fault.Error("bus.ack"); err != nil {
		return m.answered(err)
	}
	return m.answered((*m.delivered.Load()).Ack())
}

// Retry gives the message back, to be delivered again after delay.
func (m *Message) Retry(delay time.Duration) error {
	if m.delivered.Load() == nil || !m.settle(resultRetry) {
		return nil
	}
	return m.answered((*m.delivered.Load()).NakWithDelay(delay))
}

// Hold tells the server that we still work on the message. Its consumer does that by itself while the message is ours.
func (m *Message) Hold() error {
	if m.delivered.Load() == nil || m.settled.Load() {
		return nil
	}
	return m.answered((*m.delivered.Load()).InProgress())
}

// DeadLetter puts the message with its reason into DEADLETTER and, once that is stored, takes it out of its consumer.
// The letter has an id of its own, so that a second call stores it once. When it cannot be stored the message stays
// ours.
func (m *Message) DeadLetter(ctx context.Context, reason error) error {
	if m.settled.Load() {
		return nil
	}
	if _, err := m.bus.Publish(ctx, m.deadLetter(reason)); err != nil {
		return fmt.Errorf("dead-lettering %s %d: %w", m.stream, m.sequence, err)
	}
	if m.delivered.Load() == nil || !m.settle(resultDead) {
		return nil
	}
	return m.answered((*m.delivered.Load()).TermWithReason(headerText(reason.Error())))
}

func (m *Message) deadLetter(reason error) Publishing {
	letter := &eventv1.DeadLetter{
		Service: m.service, Stream: m.stream, StreamSequence: m.sequence, Subject: m.subject,
		Reason: reason.Error(), Deliveries: m.Deliveries(), Headers: headerLines(m.header), Payload: m.data,
	}
	ws := m.Workspace()
	if !ws.IsZero() {
		letter.WorkspaceId = ws.String()
	}
	sequence := strconv.FormatUint(m.sequence, 10)
	return Publishing{
		Subject: event.DeadLetterSubject(m.service, ws),
		ID:      "dead." + m.consumer + "." + m.stream + "." + sequence,
		Payload: letter,
		Header: map[string]string{
			HeaderDeadReason: headerText(reason.Error()), HeaderDeadStream: m.stream, HeaderDeadSequence: sequence,
		},
	}
}

// settle makes the first of several answers the one that counts.
func (m *Message) settle(result string) bool {
	if !m.settled.CompareAndSwap(false, true) {
		return false
	}
	if m.onSettled != nil {
		m.onSettled(m, result)
	}
	m.bus.measures.handled.WithLabelValues(m.consumer, result).Inc()
	return true
}

func (m *Message) answered(err error) error {
	if err != nil {
		return fmt.Errorf("%w: answering for %s %d: %w", ErrUnavailable, m.stream, m.sequence, err)
	}
	return nil
}

func headerLines(header nats.Header) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			lines = append(lines, name+": "+value)
		}
	}
	return lines
}

// headerText makes a text fit for one header line.
func headerText(text string) string {
	line := []rune(text)
	if len(line) > maxReasonHeader {
		line = line[:maxReasonHeader]
	}
	for i, char := range line {
		if char < ' ' || char == 0x7f {
			line[i] = ' '
		}
	}
	return string(line)
}

// renew makes a later delivery of the same message the one that is answered.
func (m *Message) renew(delivered jetstream.Msg) {
	m.delivered.Store(&delivered)
	if metadata, err := delivered.Metadata(); err == nil {
		m.deliveries.Store(metadata.NumDelivered)
	}
}

// delivery makes a Message of what a consumer was given.
func (b *Bus) delivery(
	spec ConsumerSpec, delivered jetstream.Msg, onSettled func(*Message, string),
) (*Message, error) {
	metadata, err := delivered.Metadata()
	if err != nil {
		return nil, fmt.Errorf("reading metadata of %s: %w", delivered.Subject(), err)
	}
	m := &Message{
		bus: b, stream: spec.Stream, service: spec.Service, consumer: spec.Durable,
		subject: delivered.Subject(), data: delivered.Data(), header: delivered.Headers(),
		sequence: metadata.Sequence.Stream, timestamp: metadata.Timestamp, onSettled: onSettled,
	}
	m.delivered.Store(&delivered)
	m.deliveries.Store(metadata.NumDelivered)
	return m, nil
}
