// Package all lists the providers this build knows.
package all

import (
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/meta"
	"github.com/galaxyco-ai/conversations/pkg/channel/postmark"
	"github.com/galaxyco-ai/conversations/pkg/channel/resend"
	"github.com/galaxyco-ai/conversations/pkg/channel/sendgrid"
	"github.com/galaxyco-ai/conversations/pkg/channel/signalwire"
	"github.com/galaxyco-ai/conversations/pkg/channel/twilio"
)

// Registry is the registry of every provider: one line each.
func Registry() (*channel.Registry, error) {
	return channel.NewRegistry(
		meta.New(),
		postmark.New(),
		resend.New(),
		sendgrid.New(),
		signalwire.New(),
		twilio.New(),
	)
}
