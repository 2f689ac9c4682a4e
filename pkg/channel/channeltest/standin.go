package channeltest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Request is one request the stand-in received.
type Request struct {
	*http.Request
	Content []byte
}

// StandIn is an HTTP server in the provider's place.
type StandIn struct {
	*httptest.Server
	mu       sync.Mutex
	requests []Request
}

// NewStandIn starts a stand-in that answers with the handler, which finds the body read already.
func NewStandIn(t *testing.T, handler func(w http.ResponseWriter, request Request)) *StandIn {
	t.Helper()
	standIn := &StandIn{}
	standIn.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		request := Request{Request: r, Content: content}
		standIn.mu.Lock()
		standIn.requests = append(standIn.requests, request)
		standIn.mu.Unlock()
		handler(w, request)
	}))
	t.Cleanup(standIn.Close)
	return standIn
}

// Answering starts a stand-in that always gives the same answer.
func Answering(t *testing.T, reply Reply) *StandIn {
	t.Helper()
	return NewStandIn(t, func(w http.ResponseWriter, _ Request) { reply.write(w) })
}

// Requests are the requests so far.
func (s *StandIn) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// HTTPClient is a client of its own connections.
func (s *StandIn) HTTPClient() *http.Client {
	return &http.Client{Transport: s.Server.Client().Transport}
}

func (r Reply) write(w http.ResponseWriter) {
	for key, value := range r.Header {
		w.Header().Set(key, value)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(r.Status)
	_, _ = io.WriteString(w, r.Body) // the client may be gone, which some tests are about
}

// cut closes the connection without an answer, or in the middle of one.
func cut(t *testing.T, w http.ResponseWriter, beginning string) {
	t.Helper()
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(connection, beginning)
	_ = connection.Close()
}

// nobody is an address where nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return "http://" + listener.Addr().String()
}
