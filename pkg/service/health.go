package service

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const checkTimeout = 2 * time.Second

// Health knows the dependencies of a service. It is safe for concurrent use.
type Health struct {
	mu     sync.Mutex
	names  []string
	checks map[string]func(context.Context) error
}

// NewHealth makes a Health without dependencies: ready.
func NewHealth() *Health { return &Health{checks: map[string]func(context.Context) error{}} }

// Add names a dependency and how to ask whether it is there. A second check of one name replaces the first.
func (h *Health) Add(name string, check func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.checks[name]; !known {
		h.names = append(h.names, name)
	}
	h.checks[name] = check
}

// report is the body of /readyz.
type report struct {
	Status string `json:"status"`
	// Checks says "ok" or what is wrong, by dependency.
	Checks map[string]string `json:"checks"`
}

func (h *Health) check(ctx context.Context) report {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	h.mu.Lock()
	names, answers := append([]string(nil), h.names...), make([]string, len(h.names))
	var asked sync.WaitGroup
	for i, name := range names {
		check := h.checks[name]
		asked.Go(func() {
			answers[i] = "ok"
			if err := check(ctx); err != nil {
				answers[i] = err.Error()
			}
		})
	}
	h.mu.Unlock()
	asked.Wait()
	result := report{Status: "ok", Checks: make(map[string]string, len(names))}
	for i, name := range names {
		result.Checks[name] = answers[i]
		if answers[i] != "ok" {
			result.Status = "unavailable"
		}
	}
	return result
}

// Ops serves /livez (the process answers), /readyz (each dependency by name, 503 when one is missing) and /metrics.
func Ops(health *Health, metrics *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		writeReport(w, report{Status: "ok", Checks: map[string]string{}})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		writeReport(w, health.check(r.Context()))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{Registry: metrics}))
	return mux
}

func writeReport(w http.ResponseWriter, result report) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if result.Status != "ok" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(result) // the caller went away
}
