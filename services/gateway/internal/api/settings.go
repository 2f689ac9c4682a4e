package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/route"
)

// CommunicationSettings is what the workspace can send with. A channel that is not configured is not listed.
type CommunicationSettings struct {
	Channels []ChannelSettings `json:"channels" nullable:"false"`
}

type settingsOutput struct{ Body CommunicationSettings }

func (a *API) registerSettings() {
	register(a, protected("get-communication-settings", http.MethodGet, "/api/settings/communications", tagSettings, "List configured channels"),
		a.getSettings)
}

func (a *API) getSettings(ctx context.Context, _ *struct{}) (*settingsOutput, error) {
	routes := a.deps.Routes.Of(principalOf(ctx).Workspace)
	return &settingsOutput{Body: CommunicationSettings{Channels: mapped(routes, a.toChannelSettings)}}, nil
}

func (a *API) toChannelSettings(r route.Route) ChannelSettings {
	description := a.describe(r)
	return ChannelSettings{
		Channel: string(r.Kind), Mode: r.Mode, Provider: r.Provider, From: r.Address, Sandbox: r.Sandbox,
		Limits: toLimits(a.limitsOf(r).Limits), HasTemplates: a.hasTemplates(r),
		IsExperimental: slices.Contains(description.Experimental, r.Kind),
	}
}

func toLimits(l channel.Limits) ChannelLimits {
	same := func(text string) string { return text }
	return ChannelLimits{
		MaxFiles: l.MaxFiles, MaxFileBytes: l.MaxFileBytes, MaxTypeBytes: l.MaxTypeBytes, MaxTotalBytes: l.MaxTotalBytes,
		RefusedExtensions: l.RefusedExtensions,
		FileTypes:         mapped(l.FileTypes, same), MaxBody: l.MaxBody, MaxRecipients: l.MaxRecipients,
	}
}
