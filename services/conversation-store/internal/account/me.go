package account

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// GetMe names the workspace and, unless an API key asks, the user. A user who is no member is not found.
func (a *Accounts) GetMe(
	ctx context.Context, ws workspace.ID, request *storev1.GetMeRequest,
) (*storev1.GetMeResponse, error) {
	var user *uuid.UUID
	if text := request.GetUserId(); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, refuse.NotFound("user")
		}
		user = &id
	}
	found, err := postgres.Query(ctx, a.db, ws, scanMe, getMe, user)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, refuse.NotFound("workspace")
	case user != nil && found[0].GetUser() == nil:
		return nil, refuse.NotFound("user")
	default:
		return found[0], nil
	}
}

func scanMe(row pgx.CollectableRow) (*storev1.GetMeResponse, error) {
	var (
		place           storev1.Workspace
		id, name, email *string
	)
	err := row.Scan(&place.Id, &place.Name, &place.Slug, &id, &name, &email)
	me := &storev1.GetMeResponse{Workspace: &place}
	if id != nil {
		me.User = &storev1.User{Id: *id, Name: *name, Email: *email}
	}
	return me, err
}
