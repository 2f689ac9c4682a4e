package twilio

import (
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// statusOf translates the provider's word for an outbound message; empty for a word we do not know.
func statusOf(text string) channel.Status {
	return map[string]channel.Status{
		"accepted": channel.Queued, "scheduled": channel.Queued, "queued": channel.Queued,
		"sending": channel.Sending, "sent": channel.Sent,
		"delivered": channel.Delivered, "partially_delivered": channel.Delivered, "read": channel.Read,
		"undelivered": channel.Undelivered, "failed": channel.Failed, wordCanceled: channel.Failed,
	}[strings.ToLower(text)]
}

// Words of a message. While an inbound one is "receiving" its media are not complete: "received" follows.
const (
	wordReceived  = "received"
	wordReceiving = "receiving"
	wordCanceled  = "canceled"
)
