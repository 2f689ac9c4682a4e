package twilio

import (
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// vendor is what of the protocol is the provider's own.
func vendor() telephony.Vendor {
	return telephony.Vendor{
		Title: "Twilio", Account: "account", Permissions: "voice permissions", Codes: meanings, Status: statusOf,
		Time: readTime, Cursor: cursorOf,
	}
}
