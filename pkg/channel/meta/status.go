package meta

import (
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// statusOf translates the vendor's word for a message of ours; ok is false for a word we do not know.
func statusOf(text string) (status channel.Status, ok bool) {
	status, ok = map[string]channel.Status{
		"sent": channel.Sent, "delivered": channel.Delivered, "read": channel.Read, "played": channel.Read,
		"failed": channel.Failed,
	}[strings.ToLower(text)]
	return status, ok
}
