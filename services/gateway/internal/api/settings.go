package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// CommunicationSettings is what the workspace can send with. A channel that is not configured is not listed.
type CommunicationSettings struct {
	Channels []ChannelSettings `json:"channels" nullable:"false"`
}

type settingsOutput struct{ Body CommunicationSettings }

func (a *API) registerSettings() {
	huma.Register(a.huma, protected("get-communication-settings", http.MethodGet, "/api/settings/communications", tagSettings, "List configured channels"),
		a.getSettings)
}

func (a *API) getSettings(context.Context, *struct{}) (*settingsOutput, error) {
	return nil, errors.ErrUnsupported
}
