package hook

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// outcome is what became of a request.
type outcome string

const (
	outcomeStored          outcome = "stored"
	outcomeUnavailable     outcome = "unavailable"
	outcomeTooLarge        outcome = "too_large"
	outcomeBroken          outcome = "broken"
	outcomeLimited         outcome = "limited"
	outcomeUnknownProvider outcome = "unknown_provider"
	outcomeHandshake       outcome = "handshake"
	outcomeDenied          outcome = "denied"
)

type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	media    *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	made := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "conversations_webhook_requests_total",
			Help: "Webhooks by provider and outcome: stored, a reason of quarantine, or why nothing was kept.",
		}, []string{"provider", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "conversations_webhook_duration_seconds",
			Help:    "Time from the head of a request to its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"provider"}),
		media: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "conversations_webhook_media_total",
			Help: "Files of inbound messages: stored, or why not.",
		}, []string{"provider", "outcome"}),
	}
	for _, collector := range []prometheus.Collector{made.requests, made.duration, made.media} {
		if err := registry.Register(collector); err != nil {
			return nil, fmt.Errorf("registering metrics: %w", err)
		}
	}
	return made, nil
}
