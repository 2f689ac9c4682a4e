package sender

import (
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/intake"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/schedule"
)

// measures report the session that runs, if one does.
type measures struct {
	mu        sync.Mutex
	scheduler *schedule.Scheduler
	intake    *intake.Intake
}

func newMeasures(registerer prometheus.Registerer, pool *credential.Pool) (*measures, error) {
	m := &measures{}
	gauge := func(name, help string, labels prometheus.Labels, read func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, read)
	}
	const waiting, waitingHelp = "conversations_sender_messages", "Messages in hand, by state."
	for _, collector := range []prometheus.Collector{
		gauge(waiting, waitingHelp, prometheus.Labels{"state": "running"}, func() float64 {
			return float64(m.counts().Running)
		}),
		gauge(waiting, waitingHelp, prometheus.Labels{"state": "waiting"}, func() float64 {
			counts := m.counts()
			return float64(counts.Waiting - counts.Running)
		}),
		gauge("conversations_sender_workspaces", "Workspaces with messages in hand.", nil, func() float64 {
			return float64(m.counts().Workspaces)
		}),
		gauge("conversations_sender_workspaces_diverted", "Workspaces read by a consumer of their own.", nil, m.diverted),
		gauge("conversations_sender_credentials_held", "Credentials a provider has refused.", nil, func() float64 {
			return float64(len(pool.Held()))
		}),
		gauge("conversations_sender_active", "1 while this process holds the lease.", nil, m.active),
	} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("registering the metrics of the sender: %w", err)
		}
	}
	return m, nil
}

// watch reports on a session; nil on none.
func (m *measures) watch(scheduler *schedule.Scheduler, in *intake.Intake) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.scheduler, m.intake = scheduler, in
}

func (m *measures) counts() schedule.Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.scheduler == nil {
		return schedule.Counts{}
	}
	return m.scheduler.Counts()
}

func (m *measures) diverted() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.intake == nil {
		return 0
	}
	return float64(m.intake.Diverted())
}

func (m *measures) active() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.scheduler == nil {
		return 0
	}
	return 1
}
