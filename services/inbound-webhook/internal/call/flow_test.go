package call_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/call"
)

const (
	ours     = "+15002000001"
	customer = "+14155550123"
)

func inboundCall() call.Call {
	route := &bucketv1.Route{WorkspaceId: "ws", Provider: "acme", Address: ours, Channel: string(channel.Call)}
	return call.Call{Route: route, MessageID: "m", Inbound: true}
}

func ourCall() call.Call {
	c := inboundCall()
	c.Inbound, c.Attempt = false, 2
	return c
}

func flow(settings *bucketv1.CallSettings) *call.Flow {
	return call.NewFlow("https://hooks.example.com/", func(string) *bucketv1.CallSettings { return settings })
}

func people(count int) []*bucketv1.CallAgent {
	var agents []*bucketv1.CallAgent
	for i := range count {
		agents = append(agents, &bucketv1.CallAgent{UserId: fmt.Sprintf("user-%d", i), Phone: fmt.Sprintf("+1415555%04d", 1000+i)})
	}
	return agents
}

func incoming() channel.CallEvent {
	return channel.CallEvent{Step: channel.CallIncoming, From: customer, To: ours}
}

// dialed is the end of a Dial whose URL had the query.
func dialed(state channel.CallState, query url.Values) channel.CallEvent {
	return channel.CallEvent{
		Step: channel.CallDialed, From: customer, To: ours, DialState: state, State: channel.CallInProgress, Query: query,
	}
}

// dialOf is the one Dial among the instructions; nil when there is none.
func dialOf(instructions []channel.Instruction) *channel.Dial {
	for _, one := range instructions {
		if one.Dial != nil {
			return one.Dial
		}
	}
	return nil
}

func queryOf(t *testing.T, rawURL string) channel.CallEvent {
	t.Helper()
	var event channel.CallEvent
	channel.ParseCallQuery(rawURL, &event)
	return event
}

func TestIncoming_rings_no_more_phones_than_a_provider_takes(t *testing.T) {
	t.Parallel()
	dial := dialOf(flow(&bucketv1.CallSettings{Agents: people(30)}).Instruct(inboundCall(), incoming()))
	require.Len(t, dial.Numbers, 10)
	require.Equal(t, ours, dial.CallerID)
	event := queryOf(t, dial.Numbers[3].StatusURL)
	require.Equal(t, channel.CallStatus, event.Step)
	require.Equal(t, "user-3", event.Query.Get(channel.CallQueryAgent))
	require.Equal(t, "m", event.MessageID)
	require.Zero(t, event.Attempt)
	require.Empty(t, dial.RecordingURL, "nobody asked for it")
}

func TestIncoming_does_not_ring_the_phone_that_calls_or_one_that_is_none(t *testing.T) {
	t.Parallel()
	agents := []*bucketv1.CallAgent{{UserId: "caller", Phone: customer}, {UserId: "none", Phone: "x"}, {UserId: "self", Phone: ours}}
	instructions := flow(&bucketv1.CallSettings{Agents: agents, Voicemail: true}).Instruct(inboundCall(), incoming())
	require.Nil(t, dialOf(instructions))
	require.NotNil(t, instructions[1].Record)
}

func TestIncoming_rings_as_long_as_is_set_within_bounds(t *testing.T) {
	t.Parallel()
	for set, want := range map[int32]time.Duration{0: 20, 1: 5, 5: 5, 33: 33, 600: 60, -7: 5} {
		dial := dialOf(flow(&bucketv1.CallSettings{Agents: people(1), RingSeconds: set}).Instruct(inboundCall(), incoming()))
		require.Equal(t, want*time.Second, dial.Timeout, set)
	}
}

func TestDialed_goes_on_to_the_next_agent_until_there_is_none(t *testing.T) {
	t.Parallel()
	f := flow(&bucketv1.CallSettings{Agents: people(3), RingMode: "in_turn"})
	event, rung := incoming(), []string{}
	var instructions []channel.Instruction
	for range 10 {
		instructions = f.Instruct(inboundCall(), event)
		dial := dialOf(instructions)
		if dial == nil {
			break
		}
		rung = append(rung, dial.Numbers[0].Number)
		event = dialed(channel.CallNoAnswer, queryOf(t, dial.ActionURL).Query)
	}
	require.Equal(t, []string{"+14155551000", "+14155551001", "+14155551002"}, rung)
	require.NotNil(t, instructions[0].Say)
	require.True(t, instructions[1].HangUp, "there is no voicemail")
}

func TestDialed_with_a_turn_that_is_none_rings_nobody(t *testing.T) {
	t.Parallel()
	for _, turn := range []string{"", "-1", "99999999999999999999", "x"} {
		f := flow(&bucketv1.CallSettings{Agents: people(3), RingMode: "in_turn", Voicemail: true})
		event := dialed(channel.CallBusy, url.Values{channel.CallQueryTurn: {turn}})
		require.Nil(t, dialOf(f.Instruct(inboundCall(), event)), turn)
		require.Equal(t, "no_answer", f.News(inboundCall(), event).Call.GetState())
	}
}

func TestDialed_while_another_agent_is_to_be_rung_tells_nothing_yet(t *testing.T) {
	t.Parallel()
	f := flow(&bucketv1.CallSettings{Agents: people(2), RingMode: "in_turn"})
	require.Empty(t, f.News(inboundCall(), dialed(channel.CallBusy, url.Values{channel.CallQueryTurn: {"0"}})).Call.GetState())
	gone := dialed(channel.CallCanceled, url.Values{channel.CallQueryTurn: {"0"}})
	gone.State = channel.CallCompleted
	require.Equal(t, "no_answer", f.News(inboundCall(), gone).Call.GetState(), "the caller has hung up")
	require.Equal(t, []channel.Instruction{{HangUp: true}}, f.Instruct(inboundCall(), gone))
}

func TestAnswered_without_a_number_to_call_ends(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"", "911", "not a number", "sip:x@example.com"} {
		event := channel.CallEvent{Step: channel.CallAnswered, Query: url.Values{channel.CallQueryTo: {to}}}
		instructions := flow(nil).Instruct(ourCall(), event)
		require.Nil(t, dialOf(instructions), to)
		require.True(t, instructions[len(instructions)-1].HangUp)
	}
}

func TestAnswered_records_what_the_call_says_else_what_the_workspace_does(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]bool{"true": true, "false": false, "": true, "x": true} {
		event := channel.CallEvent{
			Step: channel.CallAnswered, Query: url.Values{channel.CallQueryTo: {customer}, channel.CallQueryRecord: {said}},
		}
		dial := dialOf(flow(&bucketv1.CallSettings{Record: true}).Instruct(ourCall(), event))
		require.Equal(t, want, dial.Record, said)
		require.Equal(t, want, dial.RecordingURL != "", said)
		require.Equal(t, 2, queryOf(t, dial.ActionURL).Attempt)
		require.Empty(t, dial.Numbers[0].AnswerURL, "there is nothing to announce")
	}
}

func TestNews_of_one_leg(t *testing.T) {
	t.Parallel()
	leg := func(state channel.CallState, query url.Values) channel.CallEvent {
		return channel.CallEvent{Step: channel.CallStatus, ParentID: "CA-1", State: state, Query: query, Duration: 9 * time.Second}
	}
	agent, peer := url.Values{channel.CallQueryAgent: {"ana"}}, url.Values{channel.CallQueryLeg: {channel.CallLegCustomer}}
	for name, test := range map[string]struct {
		call   call.Call
		event  channel.CallEvent
		state  string
		status channel.Status
	}{
		"an agent's phone that rings":               {inboundCall(), leg(channel.CallRinging, agent), "", ""},
		"an agent's phone that rang in vain":        {inboundCall(), leg(channel.CallNoAnswer, agent), "", ""},
		"an agent's phone that is picked up":        {inboundCall(), leg(channel.CallInProgress, agent), "in_progress", ""},
		"an agent who has hung up":                  {inboundCall(), leg(channel.CallCompleted, agent), "completed", ""},
		"a leg we know nothing of":                  {inboundCall(), leg(channel.CallCompleted, nil), "", ""},
		"the customer's phone rings":                {ourCall(), leg(channel.CallRinging, peer), "ringing", channel.Sent},
		"the customer picks up":                     {ourCall(), leg(channel.CallInProgress, peer), "in_progress", channel.Delivered},
		"the customer has hung up":                  {ourCall(), leg(channel.CallCompleted, peer), "completed", channel.Delivered},
		"the customer does not pick up":             {ourCall(), leg(channel.CallNoAnswer, peer), "no_answer", channel.Undelivered},
		"the customer's number does not exist":      {ourCall(), leg(channel.CallFailed, peer), "failed", channel.Failed},
		"a word of the provider that nobody knows":  {ourCall(), leg("", peer), "", ""},
		"the same on the call itself, inbound":      {inboundCall(), channel.CallEvent{Step: channel.CallStatus}, "", ""},
		"the whole inbound call is answered by us":  {inboundCall(), channel.CallEvent{Step: channel.CallStatus, State: channel.CallInProgress}, "", ""},
		"the whole inbound call ends":               {inboundCall(), channel.CallEvent{Step: channel.CallStatus, State: channel.CallCompleted}, "no_answer", ""},
		"the caller gives up":                       {inboundCall(), channel.CallEvent{Step: channel.CallStatus, State: channel.CallCanceled}, "no_answer", ""},
		"the agent whom we call first does not":     {ourCall(), channel.CallEvent{Step: channel.CallStatus, State: channel.CallBusy}, "busy", channel.Undelivered},
		"the whole call of ours ends":               {ourCall(), channel.CallEvent{Step: channel.CallStatus, State: channel.CallCompleted}, "no_answer", ""},
		"the agent whom we call first picks up":     {ourCall(), channel.CallEvent{Step: channel.CallStatus, State: channel.CallInProgress}, "ringing", channel.Sent},
		"nobody spoke, for the recording is silent": {inboundCall(), channel.CallEvent{Step: channel.CallRecorded}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			news := flow(nil).News(test.call, test.event)
			require.Equal(t, test.state, news.Call.GetState())
			require.Equal(t, test.status, news.Status)
			bad := test.status == channel.Undelivered || test.status == channel.Failed
			require.Equal(t, bad, news.Failure != nil)
			if test.state == "in_progress" || test.state == "completed" {
				require.Equal(t, test.call.Inbound, news.Call.GetAgentId() == "ana")
			}
		})
	}
}

func TestRefuse_turns_a_call_down_before_it_costs_anybody(t *testing.T) {
	t.Parallel()
	require.Equal(t, []channel.Instruction{{Reject: true}}, call.Refuse(channel.CallIncoming))
	require.Equal(t, []channel.Instruction{{HangUp: true}}, call.Refuse(channel.CallDialed))
}
