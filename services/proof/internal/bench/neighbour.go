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

// measureFairness measures what a flood of one workspace does to another, and a thousand workspaces at once.
func measureFairness(ctx context.Context, r *rig) ([]report.Figure, error) {
	cfg := fairness.Config{Place: r.place(), Sandbox: r.cluster.Sandbox(), Logger: r.cfg.Logger}
	if r.cfg.Quick {
		cfg.Flood, cfg.Workspaces, cfg.Each, cfg.Idle = 2000, 50, 20, 5*time.Second
	}
	return fairness.Measure(ctx, cfg)
}

// measureGrowth measures what more messages in the database cost. It comes last: what it loads stays.
func measureGrowth(ctx context.Context, r *rig) ([]report.Figure, error) {
	cfg := growth.Config{
		Place: r.place(), Store: r.cluster.Of(event.ServiceStore)[0], Sizes: growth.Sizes(r.cfg.Short), Logger: r.cfg.Logger,
	}
	if r.cfg.Quick {
		cfg.Workspaces, cfg.Sizes, cfg.Requests, cfg.Events = 50, []int{2000, 20_000}, 100, 2000
	}
	return growth.Measure(ctx, cfg)
}
