// Package access tells who a session cookie or an API key stands for, without asking the database.
package access

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// ErrUnknown is returned when a token stands for nobody, or no longer.
var ErrUnknown = errors.New("unknown token")

// Kinds of principals.
const (
	KindSession = "session"
	KindAPIKey  = "api_key"
)

// Roles.
const (
	RoleOwner = "owner"
	RoleAdmin = "admin"
	RoleAgent = "agent"
)

// Principal is who is calling.
type Principal struct {
	// Key is the key of the principal in the bucket: the hash of the token.
	Key       string
	Kind      string
	ID        string
	Workspace workspace.ID
	// UserID is empty for an API key.
	UserID string
	Role   string
	// Operator tells that the user runs the platform. A key never is an operator's.
	Operator bool
	// ExpiresAt is zero when the principal does not expire.
	ExpiresAt time.Time
}

// Manages tells whether the principal may change what belongs to the whole workspace.
func (p Principal) Manages() bool { return p.Role == RoleOwner || p.Role == RoleAdmin }

// expired tells whether the principal's time is over.
func (p Principal) expired(now time.Time) bool {
	return !p.ExpiresAt.IsZero() && !now.Before(p.ExpiresAt)
}

// principalFrom reads what the bucket holds.
func principalFrom(key string, record *bucketv1.Principal) (Principal, error) {
	ws, err := workspace.ParseID(record.GetWorkspaceId())
	if err != nil {
		return Principal{}, fmt.Errorf("reading principal %s: %w", record.GetId(), err)
	}
	principal := Principal{
		Key: key, Kind: record.GetKind(), ID: record.GetId(), Workspace: ws,
		UserID: record.GetUserId(), Role: record.GetRole(),
		Operator: record.GetOperator() && record.GetKind() == KindSession,
	}
	if record.GetExpiresAt() != nil {
		principal.ExpiresAt = record.GetExpiresAt().AsTime()
	}
	return principal, nil
}

func decode(key string, value []byte) (Principal, error) {
	record := &bucketv1.Principal{}
	if err := proto.Unmarshal(value, record); err != nil {
		return Principal{}, fmt.Errorf("decoding a principal: %w", err)
	}
	return principalFrom(key, record)
}
