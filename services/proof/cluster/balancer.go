package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"sync/atomic"
	"time"
)

const balancerHeaderTimeout = 5 * time.Second

// balancer spreads requests over the copies of a service, as the load balancer of an installation does. A copy that
// refuses the connection is passed over; once a request has begun to reach a copy it is that copy's, and when the copy
// dies the caller gets 502.
type balancer struct {
	url       string
	server    *http.Server
	transport *http.Transport
	running   sync.WaitGroup
}

func newBalancer(ctx context.Context, copies []string, logger *slog.Logger) (*balancer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the balancer: %w", err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true} //nolint:mnd // plenty for a test bench
	b := &balancer{url: "http://" + listener.Addr().String(), transport: transport}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", copies[0] },
		Transport: &spread{copies: copies, transport: transport},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			logger.DebugContext(r.Context(), "copy gave no answer", slog.String("path", r.URL.Path), slog.Any("err", err))
			w.WriteHeader(http.StatusBadGateway)
		},
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	b.server = &http.Server{Handler: proxy, ReadHeaderTimeout: balancerHeaderTimeout}
	b.running.Go(func() { _ = b.server.Serve(listener) }) // it ends by close
	return b, nil
}

func (b *balancer) close() {
	_ = b.server.Close()
	b.running.Wait()
	b.transport.CloseIdleConnections()
}

// spread sends each request to the next copy that takes the connection.
type spread struct {
	copies    []string
	transport *http.Transport
	next      atomic.Uint64
}

// RoundTrip implements http.RoundTripper.
func (s *spread) RoundTrip(r *http.Request) (*http.Response, error) {
	first := s.next.Add(1)
	var failures []error
	for i := range uint64(len(s.copies)) {
		attempt := r.Clone(r.Context())
		attempt.URL.Host = s.copies[(first+i)%uint64(len(s.copies))]
		if r.Body != nil && r.Body != http.NoBody {
			attempt.Body = io.NopCloser(r.Body) // a refused connection must not close it
		}
		response, err := s.transport.RoundTrip(attempt)
		if err == nil || !refused(err) {
			return response, err //nolint:wrapcheck // the proxy takes the transport's error
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// refused tells that nothing was sent yet.
func refused(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial"
}
