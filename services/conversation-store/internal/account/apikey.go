package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// maxKeys bounds the keys of a workspace that are not revoked.
const maxKeys = 100

// newKey is a checked request for an API key.
type newKey struct {
	access    bucket.Access
	name      string
	prefix    string
	createdBy *uuid.UUID
	createdAt time.Time
}

// CreateAPIKey makes a key; the answer is the only place its secret ever is.
func (a *Accounts) CreateAPIKey(
	ctx context.Context, ws workspace.ID, request *storev1.CreateApiKeyRequest,
) (*storev1.CreateApiKeyResponse, error) {
	secret, err := newAPIKey()
	if err != nil {
		return nil, err
	}
	key, err := a.newKey(ws, secret, request)
	if err != nil {
		return nil, err
	}
	err = a.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		if err := key.save(ctx, tx, ws); err != nil {
			return err
		}
		return audit.Write(ctx, tx, ws, request.GetActor(), audit.Entry{
			Action: "api_key.created", Subject: key.name, Detail: key.access.Role + " " + key.prefix,
		})
	})
	if err != nil {
		return nil, err
	}
	a.flush(ctx)
	return &storev1.CreateApiKeyResponse{
		ApiKey: &storev1.ApiKey{
			Id: key.access.ID.String(), Name: key.name, Prefix: key.prefix, CreatedAt: timestamppb.New(key.createdAt),
		},
		Secret: secret,
	}, nil
}

func (a *Accounts) newKey(ws workspace.ID, secret string, request *storev1.CreateApiKeyRequest) (*newKey, error) {
	name, err := cleanName("name", request.GetName())
	if err != nil {
		return nil, err
	}
	role := request.GetRole()
	if role != "admin" && role != "agent" {
		return nil, refuse.Invalid("role", "Must be admin or agent.")
	}
	var createdBy *uuid.UUID
	if text := request.GetCreatedBy(); text != "" {
		user, err := uuid.Parse(text)
		if err != nil {
			return nil, errCreator()
		}
		createdBy = &user
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("making an API key id: %w", err)
	}
	return &newKey{
		access: bucket.Access{
			Kind: bucket.KindAPIKey, ID: id, WorkspaceID: ws.UUID(), Role: role, SecretHash: digest(secret),
		},
		name: name, prefix: secret[:shownKey], createdBy: createdBy, createdAt: a.clock(),
	}, nil
}

func errCreator() error {
	return refuse.Invalid("createdBy", "Must be the id of a member of the workspace.")
}

func (k *newKey) save(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID) error {
	if k.createdBy != nil {
		var member bool
		if err := tx.QueryRow(ctx, isMember, *k.createdBy).Scan(&member); err != nil {
			return fmt.Errorf("finding a member: %w", err)
		}
		if !member {
			return errCreator()
		}
	}
	tag, err := tx.Exec(ctx, createAPIKey, ws.UUID(), k.access.ID, k.name, k.prefix, k.access.SecretHash,
		k.access.Role, k.createdBy, k.createdAt, maxKeys)
	if err != nil {
		return fmt.Errorf("creating an API key: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return refuse.Conflict("", "There are 100 API keys already: revoke one first.")
	}
	return outbox.Put(ctx, tx, ws, event.BucketAccess, k.access.Key(), k.access.Value())
}

// ListAPIKeys lists the keys that are not revoked, newest first.
func (a *Accounts) ListAPIKeys(
	ctx context.Context, ws workspace.ID, _ *storev1.ListApiKeysRequest,
) (*storev1.ListApiKeysResponse, error) {
	keys, err := postgres.Query(ctx, a.db, ws, scanAPIKey, listAPIKeys)
	if err != nil {
		return nil, err
	}
	return &storev1.ListApiKeysResponse{ApiKeys: keys}, nil
}

func scanAPIKey(row pgx.CollectableRow) (*storev1.ApiKey, error) {
	var (
		key       storev1.ApiKey
		createdAt time.Time
		usedAt    *time.Time
	)
	err := row.Scan(&key.Id, &key.Name, &key.Prefix, &createdAt, &usedAt)
	key.CreatedAt = timestamppb.New(createdAt)
	if usedAt != nil {
		key.LastUsedAt = timestamppb.New(*usedAt)
	}
	return &key, err
}

// RevokeAPIKey ends a key. One that is unknown or revoked already is not found.
func (a *Accounts) RevokeAPIKey(
	ctx context.Context, ws workspace.ID, request *storev1.RevokeApiKeyRequest,
) (*storev1.RevokeApiKeyResponse, error) {
	id, err := uuid.Parse(request.GetId())
	if err != nil {
		return nil, refuse.NotFound("API key")
	}
	err = a.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		var hash []byte
		var name string
		err := tx.QueryRow(ctx, revokeAPIKey, id, a.clock()).Scan(&hash, &name)
		if errors.Is(err, pgx.ErrNoRows) {
			return refuse.NotFound("API key")
		}
		if err != nil {
			return fmt.Errorf("revoking an API key: %w", err)
		}
		outbox.Delete(ctx, tx, ws, event.BucketAccess, bucket.AccessKey(hash))
		return audit.Write(ctx, tx, ws, request.GetActor(), audit.Entry{Action: "api_key.revoked", Subject: name})
	})
	if err != nil {
		return nil, err
	}
	a.flush(ctx)
	return &storev1.RevokeApiKeyResponse{}, nil
}

// ReportAPIKeyUse remembers that a key was used now. The newest use counts, so that telling it again changes nothing; a
// key that is unknown or revoked is not found. No fact tells of it.
func (a *Accounts) ReportAPIKeyUse(
	ctx context.Context, ws workspace.ID, request *storev1.ReportApiKeyUseRequest,
) (*storev1.ReportApiKeyUseResponse, error) {
	id, err := uuid.Parse(request.GetId())
	if err != nil {
		return nil, refuse.NotFound("API key")
	}
	err = a.db.InWorkspace(ctx, ws, func(ctx context.Context, tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, reportAPIKeyUse, id, a.clock())
		if err != nil {
			return fmt.Errorf("reporting the use of an API key: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return refuse.NotFound("API key")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &storev1.ReportApiKeyUseResponse{}, nil
}
