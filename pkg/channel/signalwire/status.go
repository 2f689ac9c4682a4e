package signalwire

import (
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// statusOf translates the provider's word for an outbound message; empty for a word we do not know.
func statusOf(text string) channel.Status {
	return map[string]channel.Status{
		"accepted": channel.Queued, "scheduled": channel.Queued, "queued": channel.Queued,
		"initiated": channel.Sending, "sending": channel.Sending,
		"sent": channel.Sent, "delivered": channel.Delivered, "read": channel.Read,
		"undelivered": channel.Undelivered, "failed": channel.Failed, "canceled": channel.Canceled,
	}[strings.ToLower(text)]
}

// Words of an inbound message. While one is "receiving" its media are not complete: "received" follows.
const (
	wordReceived  = "received"
	wordReceiving = "receiving"
)
