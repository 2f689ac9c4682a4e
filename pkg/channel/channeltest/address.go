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

// textAt is the text of the i-th of what a webhook brings; the last stands for the rest.
func textAt(texts []string, i int) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[min(i, len(texts)-1)]
}
