package api

import (
	"context"
	"net/http"
)

// TemplateList is every template of the channel's account.
type TemplateList struct {
	Items []Template `json:"items" nullable:"false"`
}

type listTemplatesInput struct {
	Channel string `query:"channel" required:"true" enum:"email,sms,call,whatsapp,social,live_chat"`
}

type listTemplatesOutput struct{ Body TemplateList }

func (a *API) registerTemplates() {
	register(a, with(protected("list-templates", http.MethodGet, "/api/templates", tagMessages, "List templates"), http.StatusOK,
		"What the provider has approved, or not yet, for sending outside the window. Empty on a channel without templates."), a.listTemplates)
}

func (a *API) listTemplates(context.Context, *listTemplatesInput) (*listTemplatesOutput, error) {
	return nil, notFound()
}
