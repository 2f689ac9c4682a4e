package call

import (
	"net/url"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const (
	// ringInTurn is the ring mode in which one agent is rung after the other.
	ringInTurn = "in_turn"
	// maxAtOnce is how many phones ring together: as many as every provider takes.
	maxAtOnce = 10
	// maxAgents bounds how long a caller waits while one after the other is rung.
	maxAgents = 50
	// defaultRings, minRings and maxRings are how long a try rings, in seconds.
	defaultRings, minRings, maxRings int32 = 20, 5, 60
	// customerRings is how long a customer whom we call is rung.
	customerRings int32 = 45
	// voicemailLength is how long a message may be; the providers transcribe no longer one.
	voicemailLength = 2 * time.Minute
)

// What is said where the workspace has no words of its own.
const (
	textUnavailable  = "Sorry, nobody can take your call at the moment. Please send us a message instead. Goodbye."
	textVoicemail    = "Sorry, nobody can take your call at the moment. Please leave a message after the tone."
	textNoAnswer     = "The call was not answered. Goodbye."
	textNotConnected = "This call cannot be connected. Please place it again. Goodbye."
)

// ring rings the agents whose turn it is; nil when there are none any more.
func (s script) ring(event channel.CallEvent, turn int) []channel.Instruction {
	agents, mode := s.agents(event), s.settings.GetRingMode()
	seconds := s.settings.GetRingSeconds()
	if seconds == 0 {
		seconds = defaultRings
	}
	seconds = min(max(seconds, minRings), maxRings)
	if mode != ringInTurn {
		agents = agents[:min(len(agents), maxAtOnce)]
		if turn > 0 || len(agents) == 0 {
			return nil
		}
		numbers := make([]channel.DialNumber, 0, len(agents))
		for _, rung := range agents {
			numbers = append(numbers, s.number(rung))
		}
		return []channel.Instruction{s.dial(numbers, s.settings.GetRecord(), seconds, nil)}
	}
	if turn >= len(agents) {
		return nil
	}
	query := url.Values{
		channel.CallQueryTurn: {strconv.Itoa(turn)}, channel.CallQueryAgent: {agents[turn].id},
	}
	return []channel.Instruction{s.dial([]channel.DialNumber{s.number(agents[turn])}, s.settings.GetRecord(), seconds, query)}
}

// agent is a user with a phone.
type agent struct{ id, phone string }

// agents are those whose phones can be rung. Who calls from one of those phones does not ring it.
func (s script) agents(event channel.CallEvent) []agent {
	var agents []agent
	for _, listed := range s.settings.GetAgents() {
		phone, err := channel.NormalizeAddress(channel.Call, listed.GetPhone())
		if err != nil || phone == event.From || phone == s.Route.GetAddress() || len(agents) == maxAgents {
			continue
		}
		agents = append(agents, agent{listed.GetUserId(), phone})
	}
	return agents
}

func (s script) number(rung agent) channel.DialNumber {
	query := url.Values{channel.CallQueryAgent: {rung.id}}
	return channel.DialNumber{Number: rung.phone, StatusURL: s.url(channel.CallStatus, query)}
}

func turnOf(event channel.CallEvent) int {
	turn, err := strconv.Atoi(event.Query.Get(channel.CallQueryTurn))
	if err != nil || turn < 0 || turn > maxAgents {
		return maxAgents // all at once, or nonsense: nobody's turn follows
	}
	return turn
}

// connected tells that two people talked in a Dial that has ended.
func connected(event channel.CallEvent) bool {
	return event.DialState == channel.CallCompleted || event.DialState == channel.CallInProgress
}

// isOver tells that a call is in a state that it does not leave.
func isOver(state channel.CallState) bool {
	rank, known := state.Rank()
	ended, _ := channel.CallNoAnswer.Rank()
	return known && rank >= ended
}

func secondsOf(seconds int32) time.Duration { return time.Duration(seconds) * time.Second }
