package plan

import (
	"slices"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Meter is what is counted. Its text is stable.
type Meter string

// Meters, each with its unit.
const (
	// Email counts recipients, as providers do.
	Email Meter = "email"
	// SMS counts segments.
	SMS Meter = "sms"
	// MMS counts messages.
	MMS Meter = "mms"
	// WhatsApp counts messages.
	WhatsApp Meter = "whatsapp"
	// CallMinute counts minutes begun of a conversation or a voicemail.
	CallMinute Meter = "call_minute"
	// Recording counts stored recordings.
	Recording Meter = "recording"
)

// Meters lists every meter in the order in which they are shown.
func Meters() []Meter { return []Meter{Email, SMS, MMS, WhatsApp, CallMinute, Recording} }

// ParseMeter reads a meter's text.
func ParseMeter(text string) (Meter, bool) {
	meter := Meter(text)
	return meter, slices.Contains(Meters(), meter)
}

// MeterOf is what a message we send is counted by; false on channels that cost nothing.
func MeterOf(kind channel.Kind, hasFiles bool) (Meter, bool) {
	switch kind { //nolint:exhaustive // the other channels cost nothing
	case channel.Email:
		return Email, true
	case channel.SMS:
		if hasFiles {
			return MMS, true
		}
		return SMS, true
	case channel.WhatsApp:
		return WhatsApp, true
	case channel.Call:
		return CallMinute, true
	default:
		return "", false
	}
}

// Units is how much a message is expected to take: segments of a text, recipients of an e-mail, else 1.
func Units(meter Meter, text string, recipients int) int64 {
	switch meter { //nolint:exhaustive // the others count messages
	case SMS:
		_, segments := channel.Segments(text)
		return int64(max(1, segments))
	case Email:
		return int64(max(1, recipients))
	default:
		return 1
	}
}
