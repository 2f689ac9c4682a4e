package twilio

import (
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// wire is an address as the provider takes it.
func wire(kind channel.Kind, address string) string {
	if kind == channel.WhatsApp {
		return telephony.PrefixWhatsApp + ":" + address
	}
	return address
}
