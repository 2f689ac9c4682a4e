package project

import (
	_ "embed"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

var (
	//go:embed sql/usage.sql
	insertUsage string
	//go:embed sql/usage_calls.sql
	insertCallUsage string
)

// usage is a row of usage_entries to be: what an accepted message is expected to take.
type usage struct {
	message     *message
	meter       plan.Meter
	expected    int64
	reservation *eventv1.Reservation
}

// meter notes what an accepted message is expected to take.
func (w *work) meter(row *message, reservation *eventv1.Reservation) {
	meter, ok := plan.MeterOf(row.kind, len(row.attachments) > 0)
	if !ok {
		return
	}
	if _, known := plan.ParseMeter(reservation.GetCountedWith()); !known || reservation.GetUnits() < 0 || reservation.GetMark() <= 0 {
		reservation = &eventv1.Reservation{
			Period: reservation.GetPeriod(), UnitPriceMicros: reservation.GetUnitPriceMicros(), Currency: reservation.GetCurrency(),
		}
	}
	if _, err := plan.ParsePeriod(reservation.GetPeriod(), time.UTC); err != nil {
		reservation = &eventv1.Reservation{}
	}
	w.usages = append(w.usages, usage{
		message: row, meter: meter, expected: plan.Units(meter, row.body, 1+len(row.cc)+len(row.bcc)), reservation: reservation,
	})
}

func (w *work) queueUsage(batch *pgx.Batch) {
	if len(w.usages) == 0 {
		return
	}
	us := w.usages
	batch.Queue(insertUsage,
		column(us, func(u usage) uuid.UUID { return u.message.workspace.UUID() }),
		column(us, func(u usage) uuid.UUID { return u.message.id }),
		column(us, func(u usage) int32 { return u.message.attempt }),
		column(us, func(u usage) string { return string(u.meter) }),
		column(us, func(u usage) string { return u.reservation.GetPeriod() }),
		column(us, func(u usage) string { return u.message.provider }),
		column(us, func(u usage) string { return u.message.mode }),
		column(us, func(u usage) int64 { return u.expected }),
		column(us, func(u usage) string { return u.reservation.GetCountedWith() }),
		column(us, func(u usage) int64 { return u.reservation.GetUnits() }),
		column(us, func(u usage) int64 { return u.reservation.GetMark() }),
		column(us, func(u usage) int64 { return u.reservation.GetUnitPriceMicros() }),
		column(us, func(u usage) string { return clean(u.reservation.GetCurrency()) }),
		column(us, func(u usage) time.Time { return u.message.createdAt }))
}

// mayUse tells whether the work can have changed what a workspace has used.
func (w *work) mayUse() []workspace.ID {
	if len(w.usages) == 0 && len(w.events) == 0 {
		return nil
	}
	return w.workspaces()
}
