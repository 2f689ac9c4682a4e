package api

import (
	"context"
	"net/http"
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
	return &settingsOutput{Body: CommunicationSettings{Channels: mapped(routes, toChannelSettings)}}, nil
}
