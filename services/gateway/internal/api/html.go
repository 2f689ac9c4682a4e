package api

import (
	"context"
	"html"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

const (
	// documentPolicy lets a message be shown in a frame of ours and do nothing: a second wall behind the cleaned HTML. Styles
	// of elements are part of it. The pictures that may be loaded stand between the two halves.
	documentPolicy = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; script-src 'none'; " +
		"style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; img-src 'self'"
	remotePolicy = " https:"
	documentHead = `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { margin: 0; font: 14px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; overflow-wrap: anywhere; }
img { max-width: 100%; }
img:not([src]) { display: inline-block; min-width: 16px; min-height: 16px; border: 1px dashed #999; }
table { max-width: 100%; }
pre { white-space: pre-wrap; font: inherit; margin: 0; }
</style>
</head>
<body>
`
	documentTail = "\n</body>\n</html>\n"
	imagesShown  = "shown"
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

func (a *API) getHTML(ctx context.Context, input *htmlInput) (*huma.StreamResponse, error) {
	message, err := a.message(ctx, input.ID)
	if err != nil {
		return nil, err
	}
	shown := input.Images == imagesShown
	document := documentHead + a.contentOf(message, shown) + documentTail
	return &huma.StreamResponse{Body: func(answer huma.Context) {
		r, w := humago.Unwrap(answer)
		header := w.Header()
		header.Set("Content-Security-Policy", policyFor(shown))
		header.Set("X-Frame-Options", "SAMEORIGIN")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "private, no-store")
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Length", strconv.Itoa(len(document)))
		w.WriteHeader(http.StatusOK)
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, document) // the caller went away
		}
	}}, nil
}

func policyFor(shown bool) string {
	if shown {
		return documentPolicy + remotePolicy
	}
	return documentPolicy
}

// contentOf is what a message shows: its HTML made safe, else its text.
func (a *API) contentOf(message *eventv1.Message, shown bool) string {
	if message.GetHtml() == "" {
		return "<pre>" + html.EscapeString(message.GetBody()) + "</pre>"
	}
	return a.deps.Shapes.html(message, shown).HTML
}
