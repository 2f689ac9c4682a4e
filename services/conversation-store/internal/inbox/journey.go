package inbox

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

// Steps of a journey that are no state of a message; the others are named like the state they led to.
const (
	stepWritten    = "written"
	stepReceived   = "received"
	stepAccepted   = "accepted"
	stepClaimed    = "claimed"
	stepReconciled = "reconciled"
)

// journeyRow is a message with one of its events; OccurredAt is nil when it has none.
type journeyRow struct {
	Direction      string          `db:"direction"`
	Channel        string          `db:"channel"`
	From           string          `db:"from_address"`
	To             string          `db:"to_address"`
	CreatedAt      time.Time       `db:"created_at"`
	ReceivedAt     *time.Time      `db:"received_at"`
	OccurredAt     *time.Time      `db:"occurred_at"`
	Step           string          `db:"step"`
	Status         string          `db:"status"`
	Provider       string          `db:"provider"`
	ProviderStatus string          `db:"provider_status"`
	Attempt        int32           `db:"attempt"`
	Failure        *record.Failure `db:"failure"`
	// Call is what the event told of a call, AgentName who took or placed it.
	Call      *record.Call `db:"call"`
	AgentName string       `db:"agent_name"`
	// Resolution is a person's word on an unknown outcome, Resolver who that is.
	Resolution *record.Resolution `db:"resolution"`
	Resolver   string             `db:"resolver"`
	// IsAccept tells that the gateway took the message or its retry, as the projector wrote it down.
	IsAccept bool `db:"is_accept"`
	// ExternalID is the message's at the provider, IsListed tells that the event was read in the provider's list.
	ExternalID string `db:"external_id"`
	IsListed   bool   `db:"is_listed"`
}

// GetJourney answers every step of a message with its time, oldest first: from accept to the last receipt, or from the
// customer to us.
func (b *Inbox) GetJourney(
	ctx context.Context, ws workspace.ID, request *storev1.GetJourneyRequest,
) (*storev1.GetJourneyResponse, error) {
	rows, err := all(ctx, b, ws, "message", request.GetMessageId(), "journey.sql", pgx.RowToStructByName[journeyRow])
	if err != nil {
		return nil, err
	}
	return &storev1.GetJourneyResponse{Items: journey(rows)}, nil
}

// journey tells each row once: what the provider answered and then reported in a callback is one step, as long as
// nothing differs. A retry begins anew.
func journey(rows []journeyRow) []*storev1.JourneyStep {
	message := rows[0]
	var steps []*storev1.JourneyStep
	if message.Direction == "inbound" {
		steps = append(steps, newStep(message.CreatedAt, stepWritten, message.way()))
		if message.ReceivedAt != nil {
			steps = append(steps, newStep(*message.ReceivedAt, stepReceived, "It reached us."))
		}
		return append(steps, told(rows, isNewsOfCall)...)
	}
	if !slices.ContainsFunc(rows, journeyRow.isFirstAccept) {
		steps = append(steps, newStep(message.CreatedAt, stepAccepted, message.way()))
	}
	return append(steps, told(rows, func(row journeyRow) bool { return row.OccurredAt != nil })...)
}

// isNewsOfCall tells the events of an inbound call from the one that it arrived.
func isNewsOfCall(row journeyRow) bool { return row.OccurredAt != nil && row.callStep() != "" }

// isRepeated tells an event that was read in the provider's list where another, whenever it came, tells the same state.
func isRepeated(row journeyRow, rows []journeyRow) bool {
	return row.IsListed && row.Status != "" && slices.ContainsFunc(rows, func(other journeyRow) bool {
		return !other.IsListed && other.Provider == row.Provider && other.ExternalID == row.ExternalID && other.Status == row.Status
	})
}

// told is the steps of the events that count, each once.
func told(rows []journeyRow, counts func(journeyRow) bool) []*storev1.JourneyStep {
	var steps []*storev1.JourneyStep
	known := map[string]bool{}
	for _, row := range rows {
		if !counts(row) || isRepeated(row, rows) {
			continue
		}
		if row.IsAccept {
			clear(known)
		}
		step, detail := row.name(), row.detail()
		if known[step+detail] {
			continue
		}
		known[step+detail] = true
		steps = append(steps, newStep(*row.OccurredAt, step, detail))
	}
	return steps
}

func newStep(at time.Time, step, detail string) *storev1.JourneyStep {
	return &storev1.JourneyStep{At: timestamppb.New(at), Step: step, Detail: detail}
}

func (r journeyRow) isFirstAccept() bool { return r.IsAccept && r.Attempt <= 1 }

func (r journeyRow) name() string {
	switch {
	case r.IsAccept:
		return stepAccepted
	case r.Step == stepClaimed, r.resolved() != "":
		return r.Step
	case r.callStep() != "":
		return r.callStep()
	default:
		return cmp.Or(r.Status, r.Step)
	}
}
