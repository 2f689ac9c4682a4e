package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

// Publishing is one event on its way.
type Publishing struct {
	Subject string
	// ID names the event: within two minutes the stream keeps the first of one id only. Empty means never compared.
	ID string
	// Type is the event's name for people and tools, for example "send-message.v1"; empty takes the payload's own.
	Type    string
	Payload proto.Message
	// Data is the payload already encoded; Payload takes precedence.
	Data []byte
	// Header is carried along beside ours. A traceparent in it is the parent of the publish when ctx is in no trace.
	Header map[string]string
}

// Ack tells where an event was stored.
type Ack struct {
	Stream   string
	Sequence uint64
	// Duplicate tells that the stream held an event of this id already, and kept that one.
	Duplicate bool
}

// Publish stores the event in its stream. It returns after the server has acknowledged, or with ErrBusy,
// ErrStreamFull, ErrTooLarge or ErrUnavailable. After ErrUnavailable the event may be stored or not: publish it again
// with the same id.
func (b *Bus) Publish(ctx context.Context, p Publishing) (Ack, error) {
	select {
	case b.slots <- struct{}{}:
		b.measures.inFlight.Inc()
	default:
		b.measures.published.WithLabelValues(kindOf(p.Subject), "busy").Inc()
		return Ack{}, ErrBusy
	}
	started, err := b.start(ctx, p)
	if err != nil {
		return Ack{}, err
	}
	return started.wait(ctx)
}

// PublishAll stores the events and returns after all are acknowledged, or with the first error after all that had
// been started have ended. It waits for its turn instead of returning ErrBusy. Events of one subject are stored in
// the order given.
func (b *Bus) PublishAll(ctx context.Context, publishings []Publishing) error {
	var pending []*sending
	var failed error
	await := func() {
		if _, err := pending[0].wait(ctx); err != nil && failed == nil {
			failed = err
		}
		pending = pending[1:]
	}
	for _, p := range publishings {
		for len(pending) > 0 && len(b.slots) == cap(b.slots) {
			await()
		}
		started, err := b.startWhenFree(ctx, p)
		if err != nil {
			failed = errors.Join(failed, err)
			break
		}
		pending = append(pending, started)
	}
	for len(pending) > 0 {
		await()
	}
	return failed
}

func (b *Bus) startWhenFree(ctx context.Context, p Publishing) (*sending, error) {
	select {
	case b.slots <- struct{}{}:
		b.measures.inFlight.Inc()
		return b.start(ctx, p)
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to publish %s: %w", p.Subject, ctx.Err())
	}
}

// sending is a publish that waits for its acknowledgement.
type sending struct {
	bus     *Bus
	subject string
	future  jetstream.PubAckFuture
	span    trace.Span
}

// start hands the event to the server. The caller holds a slot; it is free again when start fails or wait returns.
func (b *Bus) start(ctx context.Context, p Publishing) (*sending, error) {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier(p.Header))
	}
	ctx, span := b.tracer.Start(ctx, "publish "+kindOf(p.Subject), //nolint:spancheck // ended ends it
		trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(attribute.String("messaging.system", "nats"),
			attribute.String("messaging.destination.name", p.Subject), attribute.String("messaging.message.id", p.ID)))
	message, err := b.messageOf(ctx, p)
	if err != nil {
		b.release()
		return nil, b.ended(span, p.Subject, err) //nolint:spancheck // ended ends it
	}
	options := []jetstream.PublishOpt{jetstream.WithStallWait(b.cfg.PublishTimeout)}
	if p.ID != "" {
		options = append(options, jetstream.WithMsgID(p.ID))
	}
	future, err := b.js.PublishMsgAsync(message, options...)
	if err != nil {
		b.release()
		return nil, b.ended(span, p.Subject, err)
	}
	return &sending{bus: b, subject: p.Subject, future: future, span: span}, nil
}

func (b *Bus) messageOf(ctx context.Context, p Publishing) (*nats.Msg, error) {
	data := p.Data
	if p.Payload != nil {
		encoded, err := proto.Marshal(p.Payload)
		if err != nil {
			return nil, fmt.Errorf("encoding payload: %w", err)
		}
		data = encoded
	}
	if len(data) > LargestEvent && !strings.HasPrefix(p.Subject, deadPrefix) {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(data))
	}
	message := nats.NewMsg(p.Subject)
	message.Data = data
	for name, value := range p.Header {
		message.Header.Set(name, value)
	}
	message.Header.Set(event.HeaderSource, b.cfg.Name)
	message.Header.Set(event.HeaderTime, time.Now().UTC().Format(time.RFC3339Nano))
	message.Header.Set(event.HeaderType, typeOf(p))
	if p.ID != "" {
		message.Header.Set(event.HeaderID, p.ID)
	}
	propagation.TraceContext{}.Inject(ctx, headerCarrier(message.Header))
	return message, nil
}

func typeOf(p Publishing) string {
	if p.Type == "" && p.Payload != nil {
		return string(p.Payload.ProtoReflect().Descriptor().FullName())
	}
	return p.Type
}

// wait returns when the server has acknowledged or refused, the time is over, or the caller no longer waits.
func (s *sending) wait(ctx context.Context) (Ack, error) {
	defer s.bus.release()
	select {
	case ack := <-s.future.Ok():
		_ = s.bus.ended(s.span, s.subject, nil)
		return Ack{Stream: ack.Stream, Sequence: ack.Sequence, Duplicate: ack.Duplicate}, nil
	case err := <-s.future.Err():
		return Ack{}, s.bus.ended(s.span, s.subject, err)
	case <-ctx.Done():
		return Ack{}, s.bus.ended(s.span, s.subject, ctx.Err())
	case <-s.bus.closed:
		return Ack{}, s.bus.ended(s.span, s.subject, nats.ErrConnectionClosed)
	}
}

func (b *Bus) release() {
	<-b.slots
	b.measures.inFlight.Dec()
}

// ended closes the span, counts, and puts a failed publish into our words.
func (b *Bus) ended(span trace.Span, subject string, err error) error {
	defer span.End()
	if err == nil {
		b.measures.published.WithLabelValues(kindOf(subject), "stored").Inc()
		return nil
	}
	err = publishError(err)
	result := "failed"
	if errors.Is(err, ErrStreamFull) {
		result = "stream_full"
	}
	b.measures.published.WithLabelValues(kindOf(subject), result).Inc()
	span.SetStatus(codes.Error, err.Error())
	return fmt.Errorf("publishing %s: %w", subject, err)
}

// Codes of the server that mean that a stream or the store has no room.
const (
	codeAccountResources      jetstream.ErrorCode = 10002
	codeInsufficientResources jetstream.ErrorCode = 10023
	codeStorageResources      jetstream.ErrorCode = 10047
	codeStoreFailed           jetstream.ErrorCode = 10077
)

func publishError(err error) error {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return fmt.Errorf("%w: %w", meaningOf(api), err)
	}
	switch {
	case errors.Is(err, ErrTooLarge), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, nats.ErrMaxPayload):
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	default:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
}

func meaningOf(api *jetstream.APIError) error {
	full := []jetstream.ErrorCode{codeAccountResources, codeInsufficientResources, codeStorageResources}
	if slices.Contains(full, api.ErrorCode) ||
		api.ErrorCode == codeStoreFailed && strings.Contains(api.Description, "maximum") {
		return ErrStreamFull
	}
	return ErrUnavailable
}

// kindOf is the first token of a subject: few enough for a label and the name of a span.
func kindOf(subject string) string {
	kind, _, _ := strings.Cut(subject, ".")
	return kind
}

// headerCarrier lets a trace travel in message headers.
type headerCarrier nats.Header

var _ propagation.TextMapCarrier = headerCarrier{}

// Get implements propagation.TextMapCarrier.
func (h headerCarrier) Get(key string) string { return nats.Header(h).Get(key) }

// Set implements propagation.TextMapCarrier.
func (h headerCarrier) Set(key, value string) { nats.Header(h).Set(key, value) }

// Keys implements propagation.TextMapCarrier.
func (h headerCarrier) Keys() []string {
	keys := make([]string, 0, len(h))
	for key := range h {
		keys = append(keys, key)
	}
	return keys
}
