package telephony

import (
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// PrefixWhatsApp is what the addresses of WhatsApp begin with, before a colon.
const PrefixWhatsApp = "whatsapp"

// KindOf is the channel of a message by the prefix of its addresses.
func KindOf(addresses ...string) channel.Kind {
	for _, address := range addresses {
		if bare(address) != address {
			return channel.WhatsApp
		}
	}
	return channel.SMS
}

// Plain writes an address in the one form, without the prefix of its channel; a short code or a name stays as it came.
func Plain(kind channel.Kind, address string) string {
	address = bare(address)
	if normal, err := channel.NormalizeAddress(kind, address); err == nil {
		return normal
	}
	return address
}

// Phone is Plain for a number.
func Phone(text string) string { return Plain(channel.SMS, text) }

func bare(address string) string {
	if prefix, rest, ok := strings.Cut(address, ":"); ok && strings.EqualFold(prefix, PrefixWhatsApp) {
		return rest
	}
	return address
}
