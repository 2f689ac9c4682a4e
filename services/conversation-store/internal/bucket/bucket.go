// Package bucket says how the rows of accounts and channels look in the projection buckets. Whoever changes a row and
// whoever rebuilds a bucket from all rows write the same keys and values because both ask here.
package bucket

import (
	"encoding/hex"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// Route is a channel account with its address: one entry of the routes bucket. The names are those of the columns.
type Route struct {
	WorkspaceID      uuid.UUID
	ChannelAccountID uuid.UUID
	Channel          string
	Provider         string
	ProviderAccount  string
	Address          string
	Mode             string
	Sandbox          bool
	DisplayName      string
	IsDefault        bool
}

// Key is where the route is found by an inbound webhook.
func (r Route) Key() string {
	return event.RouteKey(r.Provider, r.ProviderAccount, channel.Kind(r.Channel), r.Address)
}

// Value is the entry.
func (r Route) Value() *bucketv1.Route {
	return &bucketv1.Route{
		WorkspaceId: r.WorkspaceID.String(), ChannelAccountId: r.ChannelAccountID.String(),
		Channel: r.Channel, Provider: r.Provider, ProviderAccount: r.ProviderAccount, Address: r.Address,
		Mode: r.Mode, Sandbox: r.Sandbox, DisplayName: r.DisplayName, IsDefault: r.IsDefault,
	}
}

// Kinds of a principal.
const (
	KindSession = "session"
	KindAPIKey  = "api_key"
)

// Access is a session or an API key: one entry of the access bucket.
type Access struct {
	Kind        string
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	// UserID is nil for an API key.
	UserID *uuid.UUID
	Role   string
	// ExpiresAt is nil for an API key.
	ExpiresAt *time.Time
	// SecretHash is the SHA-256 of the token or key.
	SecretHash []byte
}

// Key is where the principal is found by the secret: event.AccessKey, of a secret that only its owner has.
func (a Access) Key() string { return AccessKey(a.SecretHash) }

// AccessKey is the key of a secret of which only the SHA-256 is known.
func AccessKey(secretHash []byte) string { return hex.EncodeToString(secretHash) }

// Value is the entry.
func (a Access) Value() *bucketv1.Principal {
	principal := &bucketv1.Principal{
		Kind: a.Kind, Id: a.ID.String(), WorkspaceId: a.WorkspaceID.String(), Role: a.Role,
	}
	if a.UserID != nil {
		principal.UserId = a.UserID.String()
	}
	if a.ExpiresAt != nil {
		principal.ExpiresAt = timestamppb.New(*a.ExpiresAt)
	}
	return principal
}

// OptOut is an address that does not want messages on a channel: one entry of the consent bucket. That the key is there
// says everything.
type OptOut struct {
	WorkspaceID uuid.UUID
	Channel     string
	Address     string
}

// Key is where the opt-out is found by whoever is about to send.
func (o OptOut) Key() string {
	ws, _ := workspace.ParseID(o.WorkspaceID.String()) // fails for the zero id alone, which no row has
	return event.ConsentKey(ws, channel.Kind(o.Channel), o.Address)
}

// Value is the entry.
func (o OptOut) Value() *emptypb.Empty { return &emptypb.Empty{} }
