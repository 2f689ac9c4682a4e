package api

// Idempotent is embedded by the input of every mutating operation.
type Idempotent struct {
	IdempotencyKey string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[ -~]+$" doc:"Repeats are answered with the first answer, for 24 hours."`
}

// Replayable is embedded by the output of every mutating operation.
type Replayable struct {
	Replayed string `header:"Idempotency-Replayed" doc:"true when this is the first answer again."`
}
