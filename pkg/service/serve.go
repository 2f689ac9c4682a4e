package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	headerTimeout  = 5 * time.Second
	requestTimeout = time.Minute
	idleTimeout    = 2 * time.Minute
	stopTimeout    = 10 * time.Second
	maxHeaderBytes = 64 << 10
)

// Serve answers HTTP on the address until ctx ends, then lets the requests under way finish, for ten seconds at most.
// ready, which may be nil, is called with the real address once connections are accepted. Limits on bodies are the
// handler's; a handler that takes over its connection ends it itself.
func Serve(ctx context.Context, address string, handler http.Handler, ready func(address string)) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", address, err)
	}
	httpServer := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(slog.NewJSONHandler(os.Stderr, nil), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(listener) }()
	if ready != nil {
		ready(listener.Addr().String())
	}
	select {
	case err := <-served:
		return fmt.Errorf("serving on %s: %w", address, err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := httpServer.Shutdown(stopping); err != nil {
		_ = httpServer.Close()
		return fmt.Errorf("stopping the server on %s: %w", address, err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", address, err)
	}
	return nil
}
