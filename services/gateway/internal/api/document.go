package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Security schemes of the document.
const (
	schemeSession = "session"
	schemeAPIKey  = "apiKey"
)

const description = `Conversations: every channel of a workspace in one inbox.

Authenticate with the session cookie of a sign-in or with an API key (` + "`Authorization: Bearer`" + `). Every error is a
problem (RFC 9457) with a stable ` + "`code`" + `. Lists are pages: pass ` + "`nextCursor`" + ` as ` + "`cursor`" + ` until it is absent.
Times are RFC 3339 in UTC. Every mutating operation but sign-up, log-in and log-out takes an ` + "`Idempotency-Key`" + `: the same key with the same request
gives the first answer again, with ` + "`Idempotency-Replayed: true`" + `. Every answer of an operation carries ` + "`RateLimit-Limit`" + `,
` + "`RateLimit-Remaining`" + ` and ` + "`RateLimit-Reset`" + ` (seconds).`

func config(marshal func(w io.Writer, v any) error) huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Conversations", Version: "1", Description: description},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					schemeSession: {Type: "apiKey", In: "cookie", Name: SessionCookie, Description: "Set by sign-up and login."},
					schemeAPIKey:  {Type: "http", Scheme: "bearer", Description: "An API key of the workspace."},
				},
			},
			Tags: []*huma.Tag{
				{Name: tagAccount, Description: "Who is calling, and with what."},
				{Name: tagConversations, Description: "Threads with customers."},
				{Name: tagMessages, Description: "Sending, and what became of it."},
				{Name: tagSettings, Description: "The workspace's channels."},
				{Name: tagRealtime, Description: "Changes as they are committed."},
				{Name: tagBilling, Description: "What is used, and what it costs."},
				{Name: tagOperator, Description: "What is left over, for those who run the platform. Nobody else finds it here."},
			},
		},
		Formats: map[string]huma.Format{
			"application/json": jsonFormat(marshal),
			"json":             jsonFormat(marshal),
		},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{ours(namedProperty())},
	}
}

// Tags of the document.
const (
	tagAccount       = "Account"
	tagConversations = "Conversations"
	tagMessages      = "Messages"
	tagSettings      = "Settings"
	tagRealtime      = "Realtime"
	tagBilling       = "Billing"
	tagOperator      = "Operator"
)

// protected is an operation that needs a session or an API key.
func protected(id, method, path, tag, summary string) huma.Operation {
	operation := public(id, method, path, tag, summary)
	operation.Security = []map[string][]string{{schemeSession: {}}, {schemeAPIKey: {}}}
	return operation
}

// public is an operation that needs no session.
func public(id, method, path, tag, summary string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Tags: []string{tag}, Summary: summary,
		MaxBodyBytes: maxRequestBytes,
		Responses: map[string]*huma.Response{"default": {
			Description: "A problem.",
			Content: map[string]*huma.MediaType{
				ProblemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}},
			},
		}},
	}
}

func with(operation huma.Operation, status int, text string) huma.Operation {
	operation.DefaultStatus = status
	operation.Description = text
	return operation
}

// dropUnusedSchemas removes the library's own error model, which no answer carries.
func dropUnusedSchemas(document *huma.OpenAPI) {
	schemas := document.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
}

// registerDocument writes the document down once everything is registered, and serves it with its page.
func (a *API) registerDocument() error {
	document := a.huma.OpenAPI()
	dropUnusedSchemas(document)
	compact, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("writing the OpenAPI document: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, compact, "", "  "); err != nil {
		return fmt.Errorf("indenting the OpenAPI document: %w", err)
	}
	indented.WriteByte('\n')
	a.document = indented.Bytes()
	a.mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(a.document) // the caller went away
	})
	return a.registerPage(document)
}
