package api

import (
	"context"
	"net/http"
	"strings"

	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
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

// withoutSecret is what is kept for a repetition.
func (o *createAPIKeyOutput) withoutSecret() any {
	kept := *o
	kept.Body.Secret = ""
	return &kept
}

type listAPIKeysOutput struct{ Body KeyList }

type revokeAPIKeyInput struct {
	Idempotent
	ID string `path:"id"`
}

type revokeAPIKeyOutput struct{ Replayable }

func (a *API) registerAPIKeys() {
	register(a, protected("list-api-keys", http.MethodGet, "/api/api-keys", tagAccount, "List API keys"), a.listAPIKeys)
	registerOnce(a, with(protected("create-api-key", http.MethodPost, "/api/api-keys", tagAccount, "Create an API key"),
		http.StatusCreated, "Owners and admins only. The secret is shown once; a repetition with the same Idempotency-Key answers without it."),
		a.createAPIKey)
	registerOnce(a, with(protected("revoke-api-key", http.MethodDelete, "/api/api-keys/{id}", tagAccount, "Revoke an API key"),
		http.StatusNoContent, "Owners and admins only. The key stops working at once."), a.revokeAPIKey)
}

func (a *API) listAPIKeys(ctx context.Context, _ *struct{}) (*listAPIKeysOutput, error) {
	principal := principalOf(ctx)
	if !principal.Manages() {
		return nil, forbidden("Only owners and admins see API keys.")
	}
	response := &storev1.ListApiKeysResponse{}
	err := a.ask(ctx, principal.Workspace, "api-key", "list", &storev1.ListApiKeysRequest{}, response)
	if err != nil {
		return nil, err
	}
	return &listAPIKeysOutput{Body: KeyList{Items: mapped(response.GetApiKeys(), toKey)}}, nil
}

func (a *API) createAPIKey(ctx context.Context, input *createAPIKeyInput) (*createAPIKeyOutput, error) {
	principal := principalOf(ctx)
	if !principal.Manages() {
		return nil, forbidden("Only owners and admins create API keys.")
	}
	name := strings.TrimSpace(input.Body.Name)
	if name == "" {
		return nil, invalid("name", "is empty")
	}
	request := &storev1.CreateApiKeyRequest{Name: name, CreatedBy: principal.UserID, Role: input.Body.Role, Actor: actorOf(ctx)}
	response := &storev1.CreateApiKeyResponse{}
	if err := a.ask(ctx, principal.Workspace, "api-key", "create", request, response); err != nil {
		return nil, err
	}
	return &createAPIKeyOutput{Body: NewKey{Key: toKey(response.GetApiKey()), Secret: response.GetSecret()}}, nil
}

func (a *API) revokeAPIKey(ctx context.Context, input *revokeAPIKeyInput) (*revokeAPIKeyOutput, error) {
	principal := principalOf(ctx)
	if !principal.Manages() {
		return nil, forbidden("Only owners and admins revoke API keys.")
	}
	if !isID(input.ID) {
		return nil, notFound()
	}
	request := &storev1.RevokeApiKeyRequest{Id: input.ID, Actor: actorOf(ctx)}
	if err := a.ask(ctx, principal.Workspace, "api-key", "revoke", request, &storev1.RevokeApiKeyResponse{}); err != nil {
		return nil, err
	}
	return &revokeAPIKeyOutput{}, nil
}
