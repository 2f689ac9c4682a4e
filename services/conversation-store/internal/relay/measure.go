package relay

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Collectors are the metrics of the relay.
func (r *Relay) Collectors() []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "conversations_store_outbox_published_total", Help: "Entries of the outbox published and deleted.",
		}, func() float64 { return float64(r.published.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "conversations_store_outbox_oldest_seconds",
			Help: "Age of the oldest entry that waits to be published; 0 when none does.",
		}, r.age),
	}
}

func (r *Relay) age() float64 {
	oldest := r.oldest.Load()
	if oldest == 0 {
		return 0
	}
	return r.now().Sub(time.Unix(0, oldest)).Seconds()
}
