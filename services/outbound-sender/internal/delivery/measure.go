package delivery

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Measures are the metrics of sending.
type Measures struct {
	sends   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	waited  prometheus.Histogram
	ended   *prometheus.CounterVec
}

// NewMeasures registers the metrics of sending.
func NewMeasures(registerer prometheus.Registerer) (*Measures, error) {
	m := &Measures{
		sends: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "conversations_sender_sends_total", Help: "Calls to providers by what came of them.",
		}, []string{"provider", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "conversations_sender_send_seconds", Help: "Time of one call to a provider.",
			Buckets: prometheus.DefBuckets,
		}, []string{"provider"}),
		waited: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "conversations_sender_wait_seconds",
			Help:    "Time from the acceptance of a message to its first call.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 12),
		}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "conversations_sender_ended_total", Help: "Messages by the status they left with and the code of their failure.",
		}, []string{"status", "code"}),
	}
	for _, collector := range []prometheus.Collector{m.sends, m.seconds, m.waited, m.ended} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("registering the metrics of sending: %w", err)
		}
	}
	return m, nil
}
