package plans

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/rebuild"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

const (
	// maxMoney is more than anybody pays in a month, in minor units or micros.
	maxMoney = 1_000_000_000_000
	maxName  = 80
)

var (
	//go:embed sql/set_plan.sql
	setPlan string
	//go:embed sql/set_allowances.sql
	setAllowances string
)

// Desk answers what operators ask of plans. It is safe for concurrent use.
type Desk struct {
	db     *postgres.DB
	bus    *bus.Bus
	logger *slog.Logger
	// kept is the plan of new workspaces, which stays.
	kept  string
	idsOK *regexp.Regexp
}

// NewDesk makes a Desk. kept is the plan of new workspaces.
func NewDesk(db *postgres.DB, b *bus.Bus, logger *slog.Logger, kept string) *Desk {
	return &Desk{db: db, bus: b, logger: logger, kept: kept, idsOK: regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)}
}

// Endpoints are the questions.
func (d *Desk) Endpoints() []bus.Endpoint {
	return []bus.Endpoint{bus.Answer("plan", "set", d.set), bus.Answer("plan", "remove", d.remove)}
}

func (d *Desk) set(ctx context.Context, _ workspace.ID, request *operatorv1.SetPlanRequest) (proto.Message, error) {
	if err := d.Set(ctx, request.GetPlan()); err != nil {
		return nil, err
	}
	return &operatorv1.SetPlanResponse{Plan: request.GetPlan()}, nil
}

// Set makes or changes a plan. Whoever uses it has the new terms at once.
func (d *Desk) Set(ctx context.Context, given *storev1.Plan) error {
	if err := d.check(given); err != nil {
		return err
	}
	err := d.db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error { return save(ctx, tx, given) })
	if err != nil {
		return err
	}
	if _, err := rebuild.Buckets(ctx, d.db, d.bus, d.logger, event.BucketPlans); err != nil {
		return err
	}
	return nil
}

func save(ctx context.Context, tx postgres.Tx, given *storev1.Plan) error {
	var others bool
	const capped = "SELECT EXISTS (SELECT FROM workspaces w JOIN plans p ON p.id = w.plan_id " +
		"WHERE p.id = $1 AND p.currency <> $2 AND w.spend_cap_minor > 0)"
	if err := tx.QueryRow(ctx, capped, given.GetId(), given.GetCurrency()).Scan(&others); err != nil {
		return fmt.Errorf("reading who uses the plan: %w", err)
	}
	if others {
		return refuse.Conflict("currency", "Workspaces of this plan have spend caps in its present currency.")
	}
	if _, err := tx.Exec(ctx, setPlan, given.GetId(), given.GetName(), given.GetCurrency(), given.GetPriceMinor(), given.GetSelfService()); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	meters, included, overages := make([]string, 0), make([]*int64, 0), make([]int64, 0)
	for _, each := range given.GetAllowances() {
		meters, overages = append(meters, each.GetMeter()), append(overages, each.GetOverageMicros())
		var limit *int64
		if !each.GetUnlimited() {
			limit = new(each.GetIncluded())
		}
		included = append(included, limit)
	}
	if _, err := tx.Exec(ctx, setAllowances, given.GetId(), meters, included, overages); err != nil {
		return fmt.Errorf("writing the allowances: %w", err)
	}
	return remember(ctx, tx, new(given.GetId()))
}

func (d *Desk) check(given *storev1.Plan) error {
	if !d.idsOK.MatchString(given.GetId()) {
		return refuse.Invalid("id", "Must be lower-case letters, digits, - and _, 40 at most.")
	}
	if name := strings.TrimSpace(given.GetName()); name == "" || name != given.GetName() || len(name) > maxName {
		return refuse.Invalid("name", "Must be 1 to 80 characters.")
	}
	if _, err := plan.ParseCurrency(given.GetCurrency()); err != nil {
		return refuse.Invalid("currency", "Must be an ISO 4217 code such as USD.")
	}
	if given.GetPriceMinor() < 0 || given.GetPriceMinor() > maxMoney {
		return refuse.Invalid("price", "is no price")
	}
	seen := map[string]bool{}
	for i, each := range given.GetAllowances() {
		field := fmt.Sprintf("allowances[%d]", i)
		_, known := plan.ParseMeter(each.GetMeter())
		switch {
		case !known || seen[each.GetMeter()]:
			return refuse.Invalid(field+".meter", "is no meter, or there twice")
		case each.GetIncluded() < 0 || each.GetIncluded() > maxMoney || each.GetUnlimited() && each.GetIncluded() > 0:
			return refuse.Invalid(field+".included", "is no number that can be included")
		case each.GetOverageMicros() < 0 || each.GetOverageMicros() > maxMoney:
			return refuse.Invalid(field+".overage", "is no price")
		}
		seen[each.GetMeter()] = true
	}
	return nil
}

func (d *Desk) remove(ctx context.Context, _ workspace.ID, request *operatorv1.RemovePlanRequest) (proto.Message, error) {
	if err := d.Remove(ctx, request.GetId()); err != nil {
		return nil, err
	}
	return &operatorv1.RemovePlanResponse{}, nil
}

// Remove takes away a plan that nobody uses.
func (d *Desk) Remove(ctx context.Context, id string) error {
	if id == d.kept {
		return refuse.Conflict("id", "New workspaces get this plan.")
	}
	return d.db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		var users int64
		tag, err := tx.Exec(ctx, "SELECT FROM plans WHERE id = $1 FOR UPDATE", id)
		if err != nil {
			return fmt.Errorf("reading the plan: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return refuse.NotFound("plan")
		}
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM workspaces WHERE plan_id = $1", id).Scan(&users); err != nil {
			return fmt.Errorf("reading who uses the plan: %w", err)
		}
		if users > 0 {
			return refuse.Conflict("id", fmt.Sprintf("%d workspaces use this plan: give them another one first.", users))
		}
		if _, err := tx.Exec(ctx, "DELETE FROM plans WHERE id = $1", id); err != nil {
			return fmt.Errorf("removing the plan: %w", err)
		}
		return nil
	})
}
