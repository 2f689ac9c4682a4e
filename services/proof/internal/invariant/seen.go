package invariant

import (
	"fmt"
	"strings"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// seen is the evidence in the form of a history, so that one story tells what was done and what came of it.
func (e *evidence) seen() []history.Record {
	marks := arrange(e)
	var records []history.Record
	for _, one := range e.journal {
		records = append(records, history.Record{
			Kind: history.Seen, At: one.At, Name: "sandbox " + one.Kind + " " + one.Name, Key: one.ExternalID, Customer: one.Customer,
			Marker: firstOf(marks.markersOf(one.Subject + "\n" + one.Text)), Status: one.Status, Attempt: one.Attempt,
			Detail: strings.TrimSpace(one.Outcome + " " + one.Detail),
		})
	}
	for _, one := range e.events {
		records = append(records, history.Record{
			Kind: history.Seen, At: one.At, Name: "recorded " + one.Step, ID: one.Message, Key: one.ExternalID, Attempt: one.Attempt,
			Workspace: one.Workspace, Detail: one.Status + " " + one.Key,
		})
	}
	for _, one := range e.facts {
		status := one.Change.GetMessage().GetStatus()
		records = append(records, history.Record{
			Kind: history.Seen, At: one.At, Name: "CHANGE " + one.Change.GetEntity() + " " + one.Change.GetVerb(),
			ID: one.Change.GetEntityId(), Seq: one.Seq, Workspace: one.Workspace, Detail: status,
		})
	}
	for _, row := range e.messages {
		records = append(records, history.Record{
			Kind: history.Seen, At: row.CreatedAt, Name: "row " + row.Direction, ID: row.ID, Key: row.ExternalID, Workspace: row.Workspace,
			Conversation: row.Conversation, Channel: row.Channel, Marker: firstOf(marks.markersOf(row.Body)), Attempt: row.Attempt,
			Detail: fmt.Sprintf("%s %s", row.Status, row.Failure),
		})
	}
	return records
}

func firstOf(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}
