package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

const (
	askTimeout = 5 * time.Second
	// concurrentAnswers bounds the questions one service answers at once.
	concurrentAnswers = 64
	headerField       = "Field"
	internalMessage   = "Something went wrong on our side."
	busyMessage       = "The service is busy. Try again in a moment."
)

// Ask asks a question and waits for the answer, 5 s unless ctx ends sooner. It returns *AskError when the question
// was refused and ErrUnavailable when nobody answered.
func (b *Bus) Ask(ctx context.Context, subject string, request, response proto.Message) error {
	data, err := b.AskRaw(ctx, subject, request)
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(data, response); err != nil {
		return fmt.Errorf("decoding the answer to %s: %w", subject, err)
	}
	return nil
}

// AskRaw is Ask for who decodes the answer himself. The bytes are the caller's.
func (b *Bus) AskRaw(ctx context.Context, subject string, request proto.Message) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	span := noSpan()
	if b.traced {
		ctx, span = b.tracer.Start(ctx, "ask "+questionOf(subject), trace.WithSpanKind(trace.SpanKindClient))
	}
	defer span.End()
	data, err := b.ask(ctx, subject, request)
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	return data, err
}

func (b *Bus) ask(ctx context.Context, subject string, request proto.Message) ([]byte, error) {
	data, err := proto.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("encoding question %s: %w", subject, err)
	}
	message := nats.NewMsg(subject)
	message.Data = data
	propagation.TraceContext{}.Inject(ctx, headerCarrier(message.Header))
	reply, err := b.conn.RequestMsgWithContext(ctx, message)
	if errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("asking %s: %w", subject, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: asking %s: %w", ErrUnavailable, subject, err)
	}
	if code := reply.Header.Get(micro.ErrorCodeHeader); code != "" {
		return nil, &AskError{Code: code, Message: reply.Header.Get(micro.ErrorHeader), Field: reply.Header.Get(headerField)}
	}
	return reply.Data, nil
}

// Endpoint answers one kind of question.
type Endpoint struct {
	Entity, Verb string
	// Handle answers a question about ws, which is zero when the question names no workspace, with an encoded message. It
	// may return an *AskError; any other error is logged and told as an internal one.
	Handle func(ctx context.Context, ws workspace.ID, data []byte) ([]byte, error)
}

// Answer makes an Endpoint of a typed handler.
func Answer[Request any, Pointer interface {
	*Request
	proto.Message
}](
	entity, verb string, handle func(ctx context.Context, ws workspace.ID, request Pointer) (proto.Message, error),
) Endpoint {
	return AnswerEncoded(entity, verb, func(ctx context.Context, ws workspace.ID, request Pointer) ([]byte, error) {
		response, err := handle(ctx, ws, request)
		if err != nil {
			return nil, err
		}
		data, err := proto.Marshal(response)
		if err != nil {
			return nil, fmt.Errorf("encoding the answer: %w", err)
		}
		return data, nil
	})
}

// AnswerEncoded is Answer for a handler that encodes its answer itself.
func AnswerEncoded[Request any, Pointer interface {
	*Request
	proto.Message
}](
	entity, verb string, handle func(ctx context.Context, ws workspace.ID, request Pointer) ([]byte, error),
) Endpoint {
	return Endpoint{
		Entity: entity, Verb: verb,
		Handle: func(ctx context.Context, ws workspace.ID, data []byte) ([]byte, error) {
			request := Pointer(new(Request))
			if err := proto.Unmarshal(data, request); err != nil {
				return nil, &AskError{Code: CodeInvalid, Message: "The question cannot be read."}
			}
			return handle(ctx, ws, request)
		},
	}
}

// Serve answers questions, together with every other process that serves the same service, until ctx is done and
// what was being answered is. service is the name tools see.
func (b *Bus) Serve(ctx context.Context, service string, endpoints []Endpoint) error {
	answering, err := micro.AddService(b.conn, micro.Config{
		Name: service, Version: "1.0.0", QueueGroup: service, Description: "Questions answered by " + service,
	})
	if err != nil {
		return fmt.Errorf("serving questions of %s: %w", service, err)
	}
	s := &questionServer{bus: b, slots: make(chan struct{}, concurrentAnswers)}
	working := context.WithoutCancel(ctx)
	for _, endpoint := range endpoints {
		err := answering.AddEndpoint(endpoint.Entity+"-"+endpoint.Verb, s.handler(working, endpoint),
			micro.WithEndpointSubject(event.AskPattern(endpoint.Entity, endpoint.Verb)))
		if err != nil {
			_ = answering.Stop()
			return fmt.Errorf("serving questions %s.%s: %w", endpoint.Entity, endpoint.Verb, err)
		}
	}
	if err := b.conn.FlushTimeout(apiTimeout); err != nil {
		_ = answering.Stop()
		return fmt.Errorf("%w: serving questions of %s: %w", ErrUnavailable, service, err)
	}
	<-ctx.Done()
	err = answering.Stop()
	s.underWay.Wait()
	if err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		return fmt.Errorf("ending the service %s: %w", service, err)
	}
	_ = b.conn.FlushTimeout(time.Second)
	return nil
}

type questionServer struct {
	bus      *Bus
	slots    chan struct{}
	underWay sync.WaitGroup
}

// handler answers each question in a goroutine of its own. Questions past the bound are refused at once: the asker
// would no longer be there when their turn came.
func (s *questionServer) handler(working context.Context, endpoint Endpoint) micro.Handler {
	return micro.HandlerFunc(func(request micro.Request) {
		select {
		case s.slots <- struct{}{}:
		default:
			s.respond(request, nil, &AskError{Code: CodeUnavailable, Message: busyMessage})
			return
		}
		s.underWay.Go(func() {
			defer func() { <-s.slots }()
			s.answer(working, endpoint, request)
		})
	})
}

func (s *questionServer) answer(ctx context.Context, endpoint Endpoint, request micro.Request) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	ctx = propagation.TraceContext{}.Extract(ctx, headerCarrier(request.Headers()))
	span := noSpan()
	if s.bus.traced {
		ctx, span = s.bus.tracer.Start(ctx, "answer "+endpoint.Entity+"."+endpoint.Verb,
			trace.WithSpanKind(trace.SpanKindServer))
	}
	defer span.End()
	data, err := s.call(ctx, endpoint, request)
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	s.respond(request, data, err)
}

func (s *questionServer) call(ctx context.Context, endpoint Endpoint, request micro.Request) (_ []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("answering %s panicked: %v", request.Subject(), cause)
		}
	}()
	ws, _ := event.WorkspaceOf(request.Subject())
	return endpoint.Handle(ctx, ws, request.Data())
}

// respond answers on the connection and not through the request: the service library reads the request's state when the
// handler it called has returned, which is before an answer from a goroutine of ours.
func (s *questionServer) respond(request micro.Request, data []byte, err error) {
	if err == nil {
		err = s.bus.conn.Publish(request.Reply(), data)
	}
	if err == nil {
		return
	}
	refusal := s.refusalOf(request.Subject(), err)
	answer := nats.NewMsg(request.Reply())
	answer.Header.Set(micro.ErrorCodeHeader, refusal.Code)
	answer.Header.Set(micro.ErrorHeader, headerText(refusal.Message))
	if refusal.Field != "" {
		answer.Header.Set(headerField, refusal.Field)
	}
	if err := s.bus.conn.PublishMsg(answer); err != nil {
		s.bus.logger.Warn("answer not sent", slog.String("subject", request.Subject()), errorAttr(err))
	}
}

// refusalOf is what the asker hears of an error: a refusal as it is, anything else without its cause.
func (s *questionServer) refusalOf(subject string, err error) *AskError {
	if refusal, ok := errors.AsType[*AskError](err); ok {
		return refusal
	}
	if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrBusy) || errors.Is(err, context.DeadlineExceeded) {
		s.bus.logger.Warn("question not answered", slog.String("subject", subject), errorAttr(err))
		return &AskError{Code: CodeUnavailable, Message: busyMessage}
	}
	s.bus.logger.Error("question failed", slog.String("subject", subject), errorAttr(err))
	return &AskError{Code: CodeInternal, Message: internalMessage}
}

// noSpan is what takes the place of a span where nobody keeps spans.
func noSpan() trace.Span { return noop.Span{} }

// questionOf is a subject without its workspace: few enough for the name of a span.
func questionOf(subject string) string {
	tokens := strings.Split(subject, ".")
	if len(tokens) < 2 {
		return subject
	}
	return strings.Join(tokens[len(tokens)-2:], ".")
}
