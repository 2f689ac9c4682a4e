package channel

// Keys of the query of our own call URLs, beside the ids and the step. What stands there is covered by the provider's
// signature, so that a call is instructed without asking anybody.
const (
	// CallQueryTo is the customer's number, E.164: the answer URL of a call that we placed has it.
	CallQueryTo = "to"
	// CallQueryRecord is "true" or "false": whether a call that we placed is recorded.
	CallQueryRecord = "record"
	// CallQueryAgent is the user whose phone a leg rings.
	CallQueryAgent = "agentId"
	// CallQueryTurn is the number of the agent who is rung where they are rung one after the other, from 0.
	CallQueryTurn = "turn"
	// CallQueryLeg is CallLegCustomer on the leg to the customer of a call that we placed.
	CallQueryLeg = "leg"
	// CallQueryVoicemail is "true" on the recording of a voicemail.
	CallQueryVoicemail = "voicemail"
)

// CallLegCustomer is the leg to the customer of a call that we placed.
const CallLegCustomer = "customer"
