package project

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

// maxTranscript is how much of a transcript is kept, in bytes.
const maxTranscript = 64 << 10

var (
	//go:embed sql/calls.sql
	selectCalls string
	//go:embed sql/update_calls.sql
	updateCalls string
)

// callOf is what an event tells of a call; nil when nothing.
func callOf(call *eventv1.Call) *string {
	if call == nil {
		return nil
	}
	news := record.Call{
		AgentID: clean(call.GetAgentId()), DurationSeconds: max(call.GetDurationSeconds(), 0),
		StartedAt: optionalTime(call.GetStartedAt()), AnsweredAt: optionalTime(call.GetAnsweredAt()),
		EndedAt: optionalTime(call.GetEndedAt()), Transcript: call.GetTranscript(),
	}
	if _, known := channel.CallState(call.GetState()).Rank(); known {
		news.State = call.GetState()
	}
	news.Transcript = clean(news.Transcript[:min(len(news.Transcript), maxTranscript)])
	if file := call.GetRecording(); file != nil {
		recording := attachmentOf(file)
		news.Recording = &recording
	}
	return encoded(news)
}

// callRow is a call of which something is news.
type callRow struct {
	WorkspaceID uuid.UUID   `db:"workspace_id"`
	ID          uuid.UUID   `db:"id"`
	Direction   string      `db:"direction"`
	Call        record.Call `db:"call"`
	// News is what the events of its newest attempt tell, oldest first.
	News []record.Call `db:"news"`
}

// mergeCalls derives the life of each call of the batch from all its events, whatever order they came in.
func (w *work) mergeCalls(ctx context.Context, tx postgres.ChangeTx, done *changes) error {
	if !w.hasCalls {
		return nil
	}
	workspaces, messages, externalIDs := w.told()
	rows, err := tx.Query(ctx, selectCalls, workspaces, messages, externalIDs)
	if err != nil {
		return fmt.Errorf("reading calls: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[callRow])
	if err != nil {
		return fmt.Errorf("reading calls: %w", err)
	}
	merged := make([]mergedCall, 0, len(found))
	for _, row := range found {
		merged = append(merged, row.merge())
	}
	rows, err = tx.Query(ctx, updateCalls,
		column(merged, func(c mergedCall) uuid.UUID { return c.workspace }),
		column(merged, func(c mergedCall) uuid.UUID { return c.id }),
		column(merged, func(c mergedCall) *string { return c.call }),
		column(merged, func(c mergedCall) string { return c.snippet }),
		column(merged, func(c mergedCall) bool { return c.isMissed }))
	if err != nil {
		return fmt.Errorf("updating calls: %w", err)
	}
	if err := eachChange(rows, done.noteState); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, insertCallUsage,
		column(merged, func(c mergedCall) uuid.UUID { return c.workspace }),
		column(merged, func(c mergedCall) uuid.UUID { return c.id })); err != nil {
		return fmt.Errorf("counting calls: %w", err)
	}
	return nil
}

// mergedCall is a call as its row is to say.
type mergedCall struct {
	workspace, id uuid.UUID
	call          *string
	snippet       string
	// isMissed tells that the call has just turned out to be a missed one.
	isMissed bool
}

func (r callRow) merge() mergedCall {
	var call record.Call
	for _, news := range r.News {
		call = call.Add(news)
	}
	return mergedCall{
		workspace: r.WorkspaceID, id: r.ID, call: encoded(call), snippet: callSnippet(r.Direction, call),
		isMissed: r.Direction == inbound && call.IsMissed() && !r.Call.IsMissed(),
	}
}

// callSnippet is the line a list shows of a call.
func callSnippet(direction string, call record.Call) string {
	switch state := channel.CallState(call.State); {
	case state == channel.CallVoicemail && call.Transcript != "":
		return cut("Voicemail: "+line(call.Transcript), maxSnippet)
	case state == channel.CallVoicemail:
		return "Voicemail"
	case call.IsMissed() && direction == inbound:
		return "Missed call"
	case call.IsMissed():
		return "Call not answered"
	case call.DurationSeconds > 0:
		return "Call, " + spoken(time.Duration(call.DurationSeconds)*time.Second)
	case direction == inbound:
		return "Incoming call"
	default:
		return "Outgoing call"
	}
}

func spoken(length time.Duration) string {
	if length < time.Minute {
		return strconv.Itoa(int(length.Seconds())) + " s"
	}
	return strconv.Itoa(int(length.Round(time.Minute).Minutes())) + " min"
}
