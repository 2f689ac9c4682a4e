package api

import (
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/route"
)

// maxSMS is the longest text message carriers take, in characters.
const maxSMS = 1600

// describe is what is known of the provider of a route: nothing when this build has no such provider.
func (a *API) describe(r route.Route) channel.Description {
	provider, ok := a.deps.Providers.Provider(r.Provider)
	if !ok {
		return channel.Description{}
	}
	return provider.Describe()
}

// limitsOf is what the provider of a route takes of one message.
func (a *API) limitsOf(r route.Route) channel.Limits {
	limits := a.describe(r).Limits[r.Kind]
	if r.Kind == channel.SMS && limits.MaxBody == 0 {
		limits.MaxBody = maxSMS
	}
	return limits
}
