package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type htmlInput struct {
	ID     string `path:"id"`
	Images string `query:"images" enum:"held,shown" default:"held" doc:"Whether pictures of others are loaded, which tells them that the message is read."`
}

func (a *API) registerHTML() {
	operation := with(protected("get-message-html", http.MethodGet, "/api/messages/{id}/html", tagMessages, "The HTML of a message as a document"),
		http.StatusOK, "To be shown in an iframe with sandbox=\"allow-same-origin allow-popups allow-popups-to-escape-sandbox\". Nothing in it runs. "+
			"A message without HTML is its text.")
	operation.Responses["200"] = &huma.Response{
		Description: "A document with a Content-Security-Policy of its own.",
		Content:     map[string]*huma.MediaType{"text/html": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	register(a, operation, a.getHTML)
}

func (a *API) getHTML(_ context.Context, input *htmlInput) (*huma.StreamResponse, error) {
	return nil, notFound()
}
