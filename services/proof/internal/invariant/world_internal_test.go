package invariant

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

const (
	workspaceA = "0192f0c0-0000-7000-8000-00000000000a"
	workspaceB = "0192f0c0-0000-7000-8000-00000000000b"
	customerA  = "+14055550123"
	customerB  = "+14055550124"
)

// scene is a small world in which everything holds, to be spoiled.
type scene struct {
	t       *testing.T
	records []history.Record
	evidence
	clock time.Time
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, clock: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)}
	s.shown, s.files = map[string]shown{}, map[string]download{}
	s.consumers = []consumer{{Stream: "SEND", Name: "outbound-sender"}}
	s.conversations = []thread{{Workspace: workspaceA, ID: "c-a", Channel: "sms", Peer: customerA}, {Workspace: workspaceB, ID: "c-b", Channel: "sms", Peer: customerB}}
	s.tell(workspaceA, "conversation", wordCreated, "c-a", "")
	s.tell(workspaceB, "conversation", wordCreated, "c-b", "")
	for _, client := range []string{workspaceA, workspaceB} {
		s.records = append(s.records, history.Record{
			Kind: history.Frame, At: s.now(), Workspace: client, Client: client + "/0", Seq: uint64(len(s.facts)),
			Frame: &history.FrameText{Type: "hello"},
		})
	}
	s.send(workspaceA, "c-a", customerA, 1, "delivered")
	s.send(workspaceA, "c-a", customerA, 2, "delivered")
	s.send(workspaceA, "c-a", customerA, 3, "undelivered")
	s.send(workspaceB, "c-b", customerB, 4, "delivered")
	s.write(workspaceA, "c-a", customerA, 5, "")
	s.write(workspaceB, "c-b", customerB, 6, "STOP")
	return s
}

func (s *scene) now() time.Time {
	s.clock = s.clock.Add(10 * time.Second)
	return s.clock
}

func (s *scene) judge() Report {
	s.t.Helper()
	s.records = append(s.records, history.Record{Kind: history.Seen, At: s.now(), Name: history.Quiet, Seq: 1_000})
	for _, workspace := range []string{workspaceA, workspaceB} {
		s.records = append(s.records, history.Record{
			Kind: history.Connect, At: s.now(), Workspace: workspace, Client: workspace + "/0", Outcome: history.Accepted,
		})
	}
	s.history = history.New(s.records)
	return judge(&s.evidence)
}

func markerOf(n int) string { return "m-1-" + strconv.Itoa(n) + "." }

func idOf(n int) string { return "message-" + strconv.Itoa(n) }

// send sends a message and lets it come to its end.
func (s *scene) send(workspace, conversation, customer string, n int, final string) {
	begun := s.now()
	s.records = append(s.records, history.Record{
		Kind: history.Send, At: begun, End: begun.Add(time.Millisecond), Outcome: history.Accepted, Workspace: workspace, Channel: "sms",
		Customer: customer, Marker: markerOf(n), ID: idOf(n), Conversation: conversation, Key: "k-" + strconv.Itoa(n), Attempt: 1,
		Lane: workspace + "/sms/" + customer, Turn: n, Files: []history.File{{Filename: "a.png", Size: 3, Sum: "abc"}}, Status: http.StatusAccepted,
	})
	external := "x-" + strconv.Itoa(n)
	row := message{
		Workspace: workspace, ID: idOf(n), Conversation: conversation, Channel: "sms", Direction: outbound, Status: final,
		Order: 1000 + rankOf(final), Attempt: 1, ExternalID: external, To: customer, Body: markerOf(n) + " hello", CreatedAt: begun,
	}
	if isBad(final) {
		row.Failure = `{"code":"unreachable"}`
	} else {
		s.enter(entry{
			Kind: received, ExternalID: external, Channel: "sms", Customer: customer, Text: markerOf(n) + " hello",
			Files: []history.File{{Filename: "b.png", Size: 3, Sum: "abc"}},
		})
	}
	s.messages = append(s.messages, row)
	s.shown[row.ID] = shown{HTTP: http.StatusOK, Status: final}
	s.tell(workspace, "message", wordCreated, row.ID, "queued")
	for _, status := range slices.Compact([]string{"sending", final}) {
		s.enter(entry{Kind: calledBack, ExternalID: external, Name: "status " + status, Status: http.StatusOK, Outcome: "taken", Attempt: 1})
		s.events = append(s.events, occurrence{
			Workspace: workspace, Message: row.ID, Status: status, Rank: rankOf(status), Attempt: 1, ExternalID: external, At: s.clock, Step: "callback",
			Key: external + status,
		})
		s.tell(workspace, "message", status, row.ID, status)
	}
}

// write lets a customer write a marker, or a word of command.
func (s *scene) write(workspace, conversation, customer string, n int, word string) {
	at, external := s.now(), "x-"+strconv.Itoa(n)
	record := history.Record{
		Kind: history.Inbound, At: at, End: at, Outcome: history.Accepted, Workspace: workspace, Channel: "sms", Customer: customer,
		Marker: markerOf(n), ID: external, Lane: workspace + "/sms/" + customer, Files: []history.File{{Filename: "a.png", Size: 3, Sum: "abc"}},
	}
	text := markerOf(n) + " hello"
	if word != "" {
		record.Name, record.Marker, record.Files, text = word, "", nil, word
	}
	s.records = append(s.records, record)
	s.enter(entry{Kind: written, ExternalID: external, Channel: "sms", Customer: customer, Text: text})
	s.enter(entry{Kind: calledBack, ExternalID: external, Name: "inbound text", Status: http.StatusOK, Outcome: "taken", Attempt: 1})
	row := message{
		Workspace: workspace, ID: idOf(n), Conversation: conversation, Channel: "sms", Direction: inbound, Status: wordReceived,
		Attempt: 1, ExternalID: external, From: customer, Body: text, CreatedAt: at,
	}
	if word == "" {
		row.Files = []attachment{{ID: "f-1", Filename: "a.png"}}
		s.files[row.ID+"/f-1"] = download{http.StatusOK, history.File{Size: 3, Sum: "abc"}}
	}
	s.messages = append(s.messages, row)
	s.tell(workspace, "message", wordReceived, row.ID, wordReceived)
}

// enter adds an entry to the journal.
func (s *scene) enter(one entry) {
	one.Seq, one.At = uint64(len(s.journal)+1), s.clock.Add(time.Second)
	s.journal = append(s.journal, one)
}

// tell adds a fact, and a frame of it for the client of the workspace.
func (s *scene) tell(workspace, entity, verb, id, status string) {
	seq := uint64(len(s.facts) + 1)
	change := &eventv1.Change{WorkspaceId: workspace, Entity: entity, Verb: verb, EntityId: id}
	if entity == "message" {
		change.Data = &eventv1.Change_Message{Message: &eventv1.Message{Id: id, WorkspaceId: workspace, Status: status, Attempt: 1}}
		s.records = append(s.records, history.Record{
			Kind: history.Frame, At: s.now(), Workspace: workspace, Client: workspace + "/0", Seq: seq, ID: id, Attempt: 1,
			Frame: &history.FrameText{Type: "change", Entity: entity, Verb: verb, Status: status},
		})
	}
	s.facts = append(s.facts, fact{Seq: seq, At: s.clock, Workspace: workspace, ID: "id-" + strconv.Itoa(int(seq)), Change: change})
}

// row is a message to be spoiled.
func (s *scene) row(n int) *message {
	for at := range s.messages {
		if s.messages[at].ID == idOf(n) {
			return &s.messages[at]
		}
	}
	s.t.Fatalf("there is no message %d", n)
	return nil
}

// listedLast is the last that became of a message, as the provider's list tells it.
func (s *scene) listedLast(n int) occurrence {
	told := lose(s.events, func(o occurrence) bool { return o.Message != idOf(n) })
	last := told[len(told)-1]
	last.Key = "mail:listed/" + last.ExternalID + "/" + last.Status
	return last
}

// arrival is what a customer received, to be spoiled.
func (s *scene) arrival(n int) *entry {
	for at := range s.journal {
		if s.journal[at].Kind == received && s.journal[at].ExternalID == "x-"+strconv.Itoa(n) {
			return &s.journal[at]
		}
	}
	s.t.Fatalf("message %d has not arrived", n)
	return nil
}

// lose takes an entry, a fact or a record out.
func lose[T any](list []T, is func(T) bool) []T {
	var kept []T
	for _, one := range list {
		if !is(one) {
			kept = append(kept, one)
		}
	}
	return kept
}
