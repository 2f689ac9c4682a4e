package sendgrid

import "github.com/galaxyco-ai/conversations/pkg/channel"

// Parse implements channel.Receiver: a form is inbound e-mail, anything else must be events.
func (c *connection) Parse(webhook channel.Webhook) (channel.Delivery, error) {
	if boundary, ok := boundaryOf(webhook); ok {
		return inbound(webhook, boundary)
	}
	return events(webhook)
}
