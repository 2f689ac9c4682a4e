package sandbox

import (
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/signalwire"
)

// Text is a text without files that a customer wrote to one of our numbers. ID is the provider's own.
type Text struct{ ID, From, To, Body string }

// Webhook is a signed webhook as a provider posts it.
type Webhook struct {
	// Path is below the public URL of the webhooks.
	Path string
	// Header is pairs of name and value.
	Header []string
	Body   []byte
}

// TextWebhook is the webhook with which the provider of texts in Environment tells of a text: for a load that is to be
// signed, and not to go through a sandbox. publicURL is what stands before the path.
func TextWebhook(publicURL string, text Text) Webhook {
	path := "/api/webhooks/" + signalwire.Name
	form := signalwire.InboundForm(SignalWireProject, text.ID, text.From, text.To, text.Body)
	return Webhook{
		Path: path,
		Header: []string{
			"Content-Type", "application/x-www-form-urlencoded",
			signalwire.SignatureHeader, signalwire.Sign(SignalWireSigningKey, strings.TrimRight(publicURL, "/")+path, form),
		},
		Body: []byte(form.Encode()),
	}
}
