package signalwire

import (
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// vendor is what of the protocol is the provider's own.
func vendor() telephony.Vendor {
	return telephony.Vendor{
		Title: "SignalWire", Account: "project", Permissions: "settings", Codes: meanings, Status: statusOf,
		Time: func(text string) time.Time { return timeOf(text, time.Time{}) }, Cursor: queryOf,
	}
}
