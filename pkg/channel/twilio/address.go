package twilio

import (
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// prefixWhatsApp is what WhatsApp's addresses begin with.
const prefixWhatsApp = "whatsapp"

// kindOf is the channel of a message by the prefix of its addresses.
func kindOf(addresses ...string) channel.Kind {
	for _, address := range addresses {
		if prefix, _, ok := strings.Cut(address, ":"); ok && strings.EqualFold(prefix, prefixWhatsApp) {
			return channel.WhatsApp
		}
	}
	return channel.SMS
}

// wire is an address as the provider takes it.
func wire(kind channel.Kind, address string) string {
	if kind == channel.WhatsApp {
		return prefixWhatsApp + ":" + address
	}
	return address
}

// bare is an address without the prefix of its channel.
func bare(address string) string {
	if prefix, rest, ok := strings.Cut(address, ":"); ok && strings.EqualFold(prefix, prefixWhatsApp) {
		return rest
	}
	return address
}

// plain writes an address in the one form; a short code or a name stays as it came.
func plain(kind channel.Kind, address string) string {
	address = bare(address)
	if normal, err := channel.NormalizeAddress(kind, address); err == nil {
		return normal
	}
	return address
}

// phone is plain for a number.
func phone(text string) string { return plain(channel.SMS, text) }
