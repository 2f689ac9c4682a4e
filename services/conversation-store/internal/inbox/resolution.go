package inbox

import "cmp"

// Steps of a journey that are a person's word on an unknown outcome.
const (
	stepAsked    = "asked"
	stepResolved = "resolved"
)

// resolved says in a sentence what a person did about an unknown outcome; empty when the event tells of none.
func (r journeyRow) resolved() string {
	switch {
	case r.Resolution == nil:
		return ""
	case r.Step == stepAsked:
		return r.resolver() + " had the provider asked again: it knows nothing of the message."
	case r.Step == stepResolved && r.Resolution.Decision == "arrived":
		return r.resolver() + " decided that it arrived."
	case r.Step == stepResolved:
		return r.resolver() + " decided to send it again, although it may arrive twice."
	default:
		return ""
	}
}

// resolver is who decided; whoever it was may have left since.
func (r journeyRow) resolver() string { return cmp.Or(r.Resolver, "Somebody") }
