// Package provider holds what the stand-ins of all providers share: one call in, one answer out, the faults in between
// and a log of it all.
package provider

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/fault"
)

const writeTimeout = time.Minute

// Call is one request to a provider.
type Call struct {
	*http.Request
	Content []byte
	// Wait holds the call for the latency it was told to have. Whoever does not call it waits before the answer.
	Wait func()
}

// Answer is what the provider says.
type Answer struct {
	Status      int
	ContentType string
	Header      map[string]string
	Body        []byte
	// MessageID and To are for the log of a send; Outcome overrides what the log would say.
	MessageID, To, Outcome string
}

// Handler answers a call.
type Handler func(Call) Answer

// Dialect is how one provider words what it says about every call alike.
type Dialect struct {
	// Fail words an error on demand: an HTTP status or one of the provider's own errors.
	Fail func(failWith string) Answer
	// Limited words the answer past the rate limit.
	Limited func() Answer
	// TooLarge words the answer to a body past MaxBody.
	TooLarge func() Answer
	MaxBody  int64
}

// Server serves the calls of one provider.
type Server struct {
	name    string
	dialect Dialect
	faults  *fault.Set
	journal *Journal
	done    <-chan struct{}
	calls   *prometheus.CounterVec
}

// NewServer makes the server of the provider called name. Closing done ends every latency at once.
func NewServer(name string, dialect Dialect, shared Shared) *Server {
	return &Server{
		name: name, dialect: dialect,
		faults: shared.Faults, journal: shared.Journal, done: shared.Done, calls: shared.Calls,
	}
}

// Shared is what all providers have in common.
type Shared struct {
	Faults  *fault.Set
	Journal *Journal
	Done    <-chan struct{}
	// Calls counts the calls by provider and outcome; see NewCalls.
	Calls *prometheus.CounterVec
	// Phones is the phone network behind the providers of calls.
	Phones *call.Network
	// PublicURL gives the base of the sandbox as others reach it, once it serves.
	PublicURL func() string
}

// NewCalls makes and registers the counter of the calls.
func NewCalls(registry prometheus.Registerer) (*prometheus.CounterVec, error) {
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "conversations_sandbox_provider_calls_total",
		Help: "Calls to the stand-ins of the providers.",
	}, []string{"provider", "outcome"})
	return counter, registry.Register(counter)
}

// Lookup serves calls that read.
func (s *Server) Lookup(handler Handler) http.Handler { return s.serve(handler, false) }

// Send serves calls that send a message.
func (s *Server) Send(handler Handler) http.Handler { return s.serve(handler, true) }

func (s *Server) serve(handler Handler, send bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		verdict := s.faults.Judge(s.name, send)
		// The server's own limit may be shorter than the latency; without the deadline the answer is lost, not wrong.
		_ = http.NewResponseController(w).SetWriteDeadline(started.Add(verdict.Latency + writeTimeout))
		answer := s.answer(w, r, handler, verdict)
		outcome := outcomeOf(answer, verdict, send)
		s.calls.WithLabelValues(s.name, outcome).Inc()
		s.journal.add(Entry{
			ID: uuid.NewString(), At: started.UTC(), Provider: s.name, Method: r.Method, Path: r.URL.Path,
			IdempotencyKey: r.Header.Get("Idempotency-Key"), To: answer.To, MessageID: answer.MessageID,
			Status: answer.Status, Outcome: outcome, Took: time.Since(started),
		})
		if verdict.Cut {
			panic(http.ErrAbortHandler) // the one way to end a connection without an answer
		}
		write(w, answer)
	})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, handler Handler, verdict fault.Verdict) Answer {
	wait := sync.OnceFunc(func() { s.pause(verdict.Latency) })
	defer wait()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.dialect.MaxBody))
	switch {
	case tooLarge(err):
		return s.dialect.TooLarge()
	case err != nil:
		return Answer{Status: http.StatusBadRequest, ContentType: "text/plain; charset=utf-8", Body: []byte("bad request")}
	case verdict.RateLimited:
		return s.dialect.Limited()
	case verdict.FailWith != "":
		return s.dialect.Fail(verdict.FailWith)
	}
	// A provider goes on when its client hangs up: only the wait for the answer is over then.
	return handler(Call{Request: r.WithContext(context.WithoutCancel(r.Context())), Content: body, Wait: wait})
}

func (s *Server) pause(latency time.Duration) {
	if latency <= 0 {
		return
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.done:
	}
}

func outcomeOf(answer Answer, verdict fault.Verdict, send bool) string {
	switch {
	case verdict.RateLimited:
		return "rate_limited"
	case verdict.FailWith != "":
		return "failed_on_demand"
	case verdict.Cut && answer.MessageID != "":
		return "accepted_then_cut"
	case verdict.Cut:
		return "cut"
	case answer.Outcome != "":
		return answer.Outcome
	case answer.Status >= http.StatusBadRequest:
		return "refused"
	case send:
		return "accepted"
	default:
		return "answered"
	}
}

func tooLarge(err error) bool {
	_, is := errors.AsType[*http.MaxBytesError](err)
	return is
}

func write(w http.ResponseWriter, answer Answer) {
	for name, value := range answer.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", answer.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(answer.Body)))
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // the caller has gone: nobody is left to tell
}

// JSON is an answer with a JSON body.
func JSON(status int, value any) Answer {
	body, err := json.Marshal(value)
	if err != nil {
		return Answer{Status: http.StatusInternalServerError, ContentType: "text/plain", Body: []byte(err.Error())}
	}
	return Answer{Status: status, ContentType: "application/json; charset=utf-8", Body: body}
}
