package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// CreateKey asks for an API key.
type CreateKey struct {
	Name string `json:"name" minLength:"1" maxLength:"100"`
	Role string `json:"role,omitempty" enum:"admin,agent" default:"agent" doc:"What the key may do."`
}

// KeyList is every key that is not revoked.
type KeyList struct {
	Items []Key `json:"items" nullable:"false"`
}

type createAPIKeyInput struct {
	Idempotent
	Body CreateKey
}

type createAPIKeyOutput struct {
	Replayable
	Body NewKey
}

type listAPIKeysOutput struct{ Body KeyList }

type revokeAPIKeyInput struct {
	Idempotent
	ID string `path:"id"`
}

type revokeAPIKeyOutput struct{ Replayable }

func (a *API) registerAPIKeys() {
	huma.Register(a.huma, protected("list-api-keys", http.MethodGet, "/api/api-keys", tagAccount, "List API keys"), a.listAPIKeys)
	huma.Register(a.huma, with(protected("create-api-key", http.MethodPost, "/api/api-keys", tagAccount, "Create an API key"),
		http.StatusCreated, "Owners and admins only. The secret is shown once."), a.createAPIKey)
	huma.Register(a.huma, with(protected("revoke-api-key", http.MethodDelete, "/api/api-keys/{id}", tagAccount, "Revoke an API key"),
		http.StatusNoContent, "Owners and admins only. The key stops working at once."), a.revokeAPIKey)
}

func (a *API) listAPIKeys(context.Context, *struct{}) (*listAPIKeysOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) createAPIKey(context.Context, *createAPIKeyInput) (*createAPIKeyOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) revokeAPIKey(context.Context, *revokeAPIKeyInput) (*revokeAPIKeyOutput, error) {
	return nil, errors.ErrUnsupported
}
