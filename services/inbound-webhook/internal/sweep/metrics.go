package sweep

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/hook"
)

type metrics struct {
	sweeps, found *prometheus.CounterVec
	last          *prometheus.GaugeVec
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	made := &metrics{
		sweeps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "conversations_webhook_sweeps_total",
			Help: "Sweeps of provider accounts: done, failed, or left to another process.",
		}, []string{"provider", "outcome"}),
		found: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "conversations_webhook_swept_total",
			Help: "What sweeps found: inbound, receipt and other that were published, known, unplaced.",
		}, []string{"provider", "kind"}),
		last: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "conversations_webhook_sweep_last_success_timestamp_seconds",
			Help: "When an account was swept by this process for the last time.",
		}, []string{"provider"}),
	}
	for _, collector := range []prometheus.Collector{made.sweeps, made.found, made.last} {
		if err := registry.Register(collector); err != nil {
			return nil, fmt.Errorf("registering metrics: %w", err)
		}
	}
	return made, nil
}

func (m *metrics) count(provider string, taken hook.Taken, err error, now time.Time) {
	outcome := "done"
	switch {
	case errors.Is(err, errTaken):
		outcome = "left"
	case err != nil:
		outcome = "failed"
	default:
		m.last.WithLabelValues(provider).Set(float64(now.Unix()))
	}
	m.sweeps.WithLabelValues(provider, outcome).Inc()
	for kind, count := range map[string]int{
		"inbound": taken.Inbound, "receipt": taken.Receipts, "other": taken.Others, "known": taken.Known, "unplaced": taken.Unplaced,
	} {
		m.found.WithLabelValues(provider, kind).Add(float64(count))
	}
}
