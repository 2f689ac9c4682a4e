package channeltest

import (
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// asWritten is an address in the one form that everything compares by. A vector may have it as it stands in the webhook:
// with its channel before it, or a number without the plus.
func asWritten(kind channel.Kind, address string) string {
	bare := strings.TrimPrefix(address, string(kind)+":")
	for _, form := range []string{bare, "+" + bare} {
		if normal, err := channel.NormalizeAddress(kind, form); err == nil && kind != channel.Email {
			return normal
		}
	}
	return address
}
