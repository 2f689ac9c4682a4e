package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// maxRequestBytes bounds the body of a request.
const maxRequestBytes = 1 << 20

// API serves the operations.
type API struct {
	huma huma.API
}

// New registers every operation on mux.
func New(mux *http.ServeMux) *API {
	a := &API{}
	a.huma = humago.New(mux, config())
	a.registerAccount()
	a.registerAPIKeys()
	a.registerCommunications()
	a.registerConversations()
	a.registerMessages()
	a.registerSettings()
	a.documentRealtime()
	dropUnusedSchemas(a.huma.OpenAPI())
	return a
}

// Document is the OpenAPI document as indented JSON.
func (a *API) Document() ([]byte, error) {
	return documentOf(a.huma.OpenAPI())
}
