package bus

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Results of handling, as they appear in the metrics.
const (
	resultDone  = "done"
	resultRetry = "retry"
	resultDead  = "dead_letter"
)

// measures are the metrics of one bus. Buses of one service in one registry share them.
type measures struct {
	published *prometheus.CounterVec
	handled   *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	inFlight  prometheus.Gauge
	lag       *prometheus.GaugeVec
	used      *prometheus.GaugeVec
}

func newMeasures(registerer prometheus.Registerer, service string) (*measures, error) {
	labelled := prometheus.WrapRegistererWith(prometheus.Labels{"service": service}, registerer)
	made := &measures{
		published: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "conversations_bus_published_total", Help: "Publishes by kind of subject and result.",
		}, []string{"subject", "result"}),
		handled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "conversations_bus_handled_total", Help: "Messages by consumer and what became of them.",
		}, []string{"consumer", "result"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "conversations_bus_handle_seconds", Help: "Time of one handler call.", Buckets: prometheus.DefBuckets,
		}, []string{"consumer"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "conversations_bus_publishes_in_flight", Help: "Publishes waiting for their acknowledgement.",
		}),
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "conversations_bus_consumer_lag", Help: "Messages a consumer has not acknowledged yet.",
		}, []string{"stream", "consumer"}),
		used: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "conversations_bus_stream_used_ratio", Help: "Size of a stream as a share of its limit.",
		}, []string{"stream"}),
	}
	err := errors.Join(
		register(labelled, &made.published), register(labelled, &made.handled), register(labelled, &made.seconds),
		register(labelled, &made.inFlight), register(labelled, &made.lag), register(labelled, &made.used))
	return made, err
}

// register puts the collector into the registry, or takes the equal one that another bus put there.
func register[C prometheus.Collector](registerer prometheus.Registerer, collector *C) error {
	err := registerer.Register(*collector)
	if err == nil {
		return nil
	}
	existing, ok := errors.AsType[prometheus.AlreadyRegisteredError](err)
	if !ok {
		return fmt.Errorf("registering a metric of the bus: %w", err)
	}
	same, ok := existing.ExistingCollector.(C)
	if !ok {
		return fmt.Errorf("registering a metric of the bus: %w", err)
	}
	*collector = same
	return nil
}
