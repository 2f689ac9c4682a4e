package invariant

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

func TestAWorldInWhichEverythingHoldsHasNoViolation(t *testing.T) {
	t.Parallel()
	report := newScene(t).judge()
	require.Empty(t, report.Violations)
	for _, name := range Names() {
		if name != "a customer who said STOP gets nothing" {
			require.Positive(t, report.Checked[name], name)
		}
	}
}

// spoiled is a world in which one thing does not hold.
type spoiled struct {
	name, subject string
	spoil         func(s *scene)
}

func arriving() map[string][]spoiled {
	return map[string][]spoiled{
		"every accepted send arrived, ended badly with a reason, or is unknown": {
			{"a message is lost", markerOf(1), func(s *scene) {
				s.journal = lose(s.journal, func(e entry) bool { return e.Kind == received && e.ExternalID == "x-1" })
			}},
			{"there is no row", markerOf(1), func(s *scene) {
				s.messages = lose(s.messages, func(m message) bool { return m.ID == idOf(1) })
			}},
			{"there is no reason", markerOf(3), func(s *scene) { s.row(3).Failure = "" }},
			{"no phone rang", markerOf(1), func(s *scene) {
				for at := range s.records {
					if s.records[at].Marker == markerOf(1) {
						s.records[at].Channel = callWord
					}
				}
			}},
		},
		"no customer got anything twice": {
			{"a message arrives again", markerOf(1), func(s *scene) { s.journal = append(s.journal, *s.arrival(1)) }},
			{"it reaches somebody else", markerOf(1), func(s *scene) { s.arrival(1).Customer = customerB }},
			{"a phone rings again", markerOf(1), func(s *scene) {
				for at := range s.records {
					if s.records[at].Marker == markerOf(1) {
						s.records[at].Channel = callWord
					}
				}
				ringing := leg{ID: "x-1", Phone: customerA, Direction: outbound}
				s.legs = []leg{ringing, ringing}
			}},
		},
		"a repeated request is one message": {
			{"a repetition makes another", markerOf(1), func(s *scene) {
				for _, record := range s.records {
					if record.Marker == markerOf(1) {
						record.ID, record.At = idOf(9), s.now()
						s.records = append(s.records, record)
					}
				}
			}},
			{"there are two rows", markerOf(1), func(s *scene) {
				again := *s.row(1)
				again.ID = idOf(9)
				s.messages = append(s.messages, again)
			}},
		},
		"nothing arrived that nobody sent": {
			{"there was no such send", "m-1-99.", func(s *scene) {
				s.enter(entry{Kind: received, Customer: customerA, Text: "m-1-99. hello"})
			}},
			{"nobody marked it", "x-99", func(s *scene) {
				s.enter(entry{Kind: received, Customer: customerA, ExternalID: "x-99", Text: "hello"})
			}},
			{"it was refused", markerOf(1), func(s *scene) {
				for at := range s.records {
					if s.records[at].Marker == markerOf(1) {
						s.records[at].Outcome = history.Refused
					}
				}
			}},
		},
		"the provider took a message once": {
			{"two ids for one attempt", idOf(1), func(s *scene) {
				s.events = append(s.events, occurrence{Message: idOf(1), ExternalID: "x-99", Status: "sent", Attempt: 1})
			}},
			{"two messages name one", "x-1", func(s *scene) {
				s.enter(entry{Kind: requested, ExternalID: "x-1", Status: 200, Outcome: "accepted"})
				s.events = append(s.events, occurrence{Message: idOf(2), ExternalID: "x-1", Status: "sent", Attempt: 1})
			}},
			{"the row names another", markerOf(1), func(s *scene) { s.row(1).ExternalID = "x-99" }},
		},
		"messages of one conversation arrive in the order accepted": {
			{"the second arrives first", markerOf(2), func(s *scene) {
				first, second := s.arrival(1), s.arrival(2)
				first.Seq, second.Seq = second.Seq, first.Seq
			}},
		},
		"a customer who said STOP gets nothing": {
			{"a message is sent after it", markerOf(9), func(s *scene) { s.send(workspaceB, "c-b", customerB, 9, "delivered") }},
		},
	}
}

func keeping() map[string][]spoiled {
	return map[string][]spoiled{
		"every webhook answered well is kept once": {
			{"there is no row", markerOf(5), func(s *scene) {
				s.messages = lose(s.messages, func(m message) bool { return m.ID == idOf(5) })
			}},
			{"there is no row of a word", "x-6", func(s *scene) {
				s.messages = lose(s.messages, func(m message) bool { return m.ID == idOf(6) })
			}},
			{"there are two rows", markerOf(5), func(s *scene) {
				again := *s.row(5)
				again.ID = idOf(7)
				s.messages = append(s.messages, again)
			}},
		},
		"files arrive as they were sent": {
			{"the customer got other bytes", markerOf(1), func(s *scene) { s.arrival(1).Files[0].Sum = "xyz" }},
			{"the customer got no file", markerOf(1), func(s *scene) { s.arrival(1).Files = nil }},
			{"a file is missing", markerOf(5), func(s *scene) { s.row(5).Files[0].Missing = "unavailable" }},
			{"a file is missing and our store was full", markerOf(5), func(s *scene) {
				s.row(5).Files[0].Missing = "unavailable"
				s.records = append(s.records, history.Record{Kind: history.Fault, At: s.row(5).CreatedAt, Name: "blob-full"})
			}},
			{"the API gives other bytes", markerOf(5), func(s *scene) {
				s.files[idOf(5)+"/f-1"] = download{200, history.File{Size: 3, Sum: "xyz"}}
			}},
		},
		"nothing crosses a workspace": {
			{"a row is elsewhere", idOf(1), func(s *scene) { s.row(1).Workspace = workspaceB }},
			{"a text is elsewhere", markerOf(4), func(s *scene) { s.row(1).Body = markerOf(4) }},
			{"a fact is told to others", idOf(1), func(s *scene) { s.facts[2].Workspace = workspaceB }},
			{"a client is sent what is not its own", idOf(4), func(s *scene) {
				s.records = append(s.records, history.Record{
					Kind: history.Frame, At: s.now(), Workspace: workspaceA, ID: idOf(4), Frame: &history.FrameText{Type: "other"},
				})
			}},
			{"a reader is shown what is not its own", markerOf(4), func(s *scene) {
				s.records = append(s.records, history.Record{
					Kind: history.Read, At: s.now(), Workspace: workspaceA, Markers: []string{markerOf(4)},
				})
			}},
		},
		"the API shows what the database holds": {
			{"it shows another state", idOf(1), func(s *scene) { s.shown[idOf(1)] = shown{200, "sent"} }},
			{"it shows nothing", idOf(1), func(s *scene) { s.shown[idOf(1)] = shown{HTTP: 404} }},
			{"it gives no file", idOf(5) + "/f-1", func(s *scene) {
				s.files[idOf(5)+"/f-1"] = download{404, history.File{Size: 3, Sum: "abc"}}
			}},
		},
		"a customer has one conversation, and it shows its newest message": {
			{"the row shows another", idOf(1), func(s *scene) { s.conversations[0].Last, s.conversations[0].Newest = idOf(1), idOf(2) }},
			{"there are two", idOf(1), func(s *scene) {
				other := s.conversations[0]
				other.ID, other.Last, other.Newest = "c-c", idOf(1), idOf(1)
				s.conversations = append(s.conversations, other)
			}},
		},
		"what became of a message is recorded once": {
			{"a callback is recorded again", idOf(1), func(s *scene) {
				s.events = append(s.events, lose(s.events, func(o occurrence) bool { return o.Message != idOf(1) })[0])
			}},
			{"a list repeats a callback", idOf(1), func(s *scene) { s.events = append(s.events, s.listedLast(1)) }},
		},
		"nothing is left in flight": {
			{"a consumer is behind", "outbound-sender", func(s *scene) { s.consumers[0].Pending = 1 }},
			{"a consumer has not acknowledged", "outbound-sender", func(s *scene) { s.consumers[0].Unacknowledged = 1 }},
			{"the outbox holds something", "outbox", func(s *scene) { s.outbox = 1 }},
			{"a message waits", idOf(1), func(s *scene) { s.row(1).Status = "sending" }},
		},
	}
}

func telling() map[string][]spoiled {
	return map[string][]spoiled{
		"a state only moves forward": {
			{"the row is behind", idOf(1), func(s *scene) { s.row(1).Status = "sent" }},
			{"CHANGE goes back", idOf(1), func(s *scene) { s.tell(workspaceA, "message", "sent", idOf(1), "sent") }},
			{"a client sees it go back", idOf(1), func(s *scene) {
				s.records = append(s.records, history.Record{
					Kind: history.Frame, At: s.now(), Workspace: workspaceA, Client: workspaceA + "/0", ID: idOf(1), Attempt: 1,
					Frame: &history.FrameText{Type: "other", Entity: "message", Status: "sent"},
				})
			}},
		},
		"the final state is what the provider said": {
			{"the row says more", idOf(1), func(s *scene) { s.row(1).Status = "clicked" }},
			{"the row says less", idOf(1), func(s *scene) { s.row(1).Status = "sent" }},
		},
		"every committed change is told once and in order": {
			{"a fact is there twice", idOf(1), func(s *scene) { s.facts = append(s.facts, s.facts[2]) }},
			{"a message is never told of", idOf(1), func(s *scene) {
				s.facts = lose(s.facts, func(f fact) bool { return f.Change.GetEntityId() == idOf(1) })
			}},
			{"a conversation is never told of", "c-a", func(s *scene) {
				s.facts = lose(s.facts, func(f fact) bool { return f.Change.GetEntityId() == "c-a" })
			}},
			{"the last state is not told", idOf(1), func(s *scene) {
				s.facts = lose(s.facts, func(f fact) bool {
					return f.Change.GetEntityId() == idOf(1) && f.Change.GetVerb() == "delivered"
				})
			}},
			{"something is told that is not there", idOf(99), func(s *scene) {
				s.tell(workspaceA, "message", wordCreated, idOf(99), "queued")
			}},
		},
		"a client that comes back has missed nothing": {
			{"a frame is missing", workspaceA + "/0", func(s *scene) {
				s.records = lose(s.records, func(r history.Record) bool { return r.Kind == history.Frame && r.Seq == 4 })
			}},
			{"a frame comes twice", workspaceA + "/0", func(s *scene) {
				for _, record := range s.records {
					if record.Kind == history.Frame && record.Seq == 4 {
						s.records = append(s.records, record)
						break
					}
				}
			}},
			{"the last frame is missing", workspaceB + "/0", func(s *scene) {
				last := s.facts[len(s.facts)-1].Seq
				s.records = lose(s.records, func(r history.Record) bool { return r.Kind == history.Frame && r.Seq == last })
			}},
		},
	}
}

func TestEachInvariantFindsWhatBreaksIt(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, group := range []map[string][]spoiled{arriving(), keeping(), telling()} {
		for invariant, cases := range group {
			tried[invariant] = true
			for _, one := range cases {
				t.Run(invariant+": "+one.name, func(t *testing.T) {
					t.Parallel()
					s := newScene(t)
					one.spoil(s)
					report := s.judge()
					require.True(t, slices.ContainsFunc(report.Violations, func(wrong Violation) bool {
						return wrong.Invariant == invariant && wrong.Subject == one.subject
					}), "%+v", report.Violations)
				})
			}
		}
	}
	for _, name := range Names() {
		require.True(t, tried[name], "nothing breaks %q", name)
	}
}

func TestAViolationIsToldWithItsStory(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.records = append(s.records, history.Record{Kind: history.Fault, At: s.arrival(1).At, Name: "kill", Detail: "sender 1"})
	s.journal = append(s.journal, *s.arrival(1))
	report := s.judge()
	require.Len(t, report.Violations, 1)
	story := strings.Join(report.Violations[0].Story, "\n")
	for _, part := range []string{"send accepted", "sandbox received", "fault kill", "CHANGE message delivered", "row outbound", "status sending"} {
		require.Contains(t, story, part)
	}
	require.NotContains(t, story, markerOf(2))
}

func TestUnknownMessagesAreCountedAndNoViolation(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.send(workspaceA, "c-a", customerA, 9, unknown)
	s.journal = lose(s.journal, func(e entry) bool { return e.ExternalID == "x-9" })
	report := s.judge()
	require.Empty(t, report.Violations)
	require.Equal(t, 1, report.Unknown)
}

func TestAFileThatTheProviderWithholdsMayBeMissingWithAReason(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.row(5).Files[0].Missing = "unavailable"
	s.records = append(s.records, history.Record{Kind: history.Fault, At: s.row(5).CreatedAt, Name: "provider-throttles"})
	require.Empty(t, s.judge().Violations)
}

func TestACallbackMayComeAfterTheListThatToldTheSame(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.events = append([]occurrence{s.listedLast(1)}, s.events...)
	require.Empty(t, s.judge().Violations)
}

func TestWhatWasSetAsideIsNotLost(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.messages = lose(s.messages, func(m message) bool { return m.ID == idOf(6) })
	s.facts = lose(s.facts, func(f fact) bool { return f.Change.GetEntityId() == idOf(6) })
	s.records = lose(s.records, func(r history.Record) bool { return r.Kind == history.Frame && r.ID == idOf(6) })
	s.setAside = []string{`{"MessageSid":"x-6"}`}
	require.Empty(t, s.judge().Violations)
}

func TestAMessageOfWhichTheProvidersWordWasLostIsNotInFlight(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.send(workspaceA, "c-a", customerA, 9, "sending")
	require.NotEmpty(t, s.judge().Violations)
	for at := range s.journal {
		if s.journal[at].ExternalID == "x-9" && s.journal[at].Kind == calledBack {
			s.journal[at].Outcome = "dropped"
		}
	}
	require.Empty(t, s.judge().Violations)
}
