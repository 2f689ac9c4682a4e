package bench

import (
	"context"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/fairness"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/growth"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

// place is where workspaces are put.
func (r *rig) place() tenant.Place {
	return tenant.Place{Gateway: r.cluster.Gateway(), NATSURL: r.cluster.NATSURL(), DatabaseURL: r.cluster.DatabaseURL()}
}

// begin starts what other measurements ended, the store and the sender, and waits until both are ready.
func (r *rig) begin(ctx context.Context) error {
	if err := r.beginStore(ctx); err != nil {
		return err
	}
	sender := r.process(event.ServiceSender)
	if err := sender.Start(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return sender.Ready(ctx)
}

// measureFairness measures what a flood of one workspace does to another, and a thousand workspaces at once.
func measureFairness(ctx context.Context, r *rig) ([]report.Figure, error) {
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	cfg := fairness.Config{Place: r.place(), Sandbox: r.cluster.Sandbox(), Logger: r.cfg.Logger}
	if r.cfg.Quick {
		cfg.Flood, cfg.Workspaces, cfg.Each, cfg.Idle = 2000, 50, 20, 5*time.Second
	}
	return fairness.Measure(ctx, cfg)
}

// measureGrowth measures what more messages in the database cost. It comes last: what it loads stays.
func measureGrowth(ctx context.Context, r *rig) ([]report.Figure, error) {
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	cfg := growth.Config{
		Place: r.place(), Store: r.process(event.ServiceStore), Sizes: growth.Sizes(r.cfg.Short), Logger: r.cfg.Logger,
	}
	if r.cfg.Quick {
		cfg.Workspaces, cfg.Sizes, cfg.Requests, cfg.Events = 50, []int{2000, 20_000}, 100, 2000
	}
	return growth.Measure(ctx, cfg)
}
