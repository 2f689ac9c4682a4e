package credential

import (
	"context"
	"errors"
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/credentials"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// modeOwn is the mode of a message that leaves with the workspace's own credential.
const modeOwn = "byoc"

// Routes finds the channel accounts of workspaces.
type Routes interface {
	Find(workspaceID, channelAccountID string) *bucketv1.Route
}

// Sources is where each message's credential comes from: the platform's accounts, and the workspaces' own.
type Sources struct {
	Platform Platform
	Routes   Routes
	Own      *credentials.Book
}

var _ Source = Sources{}

// Credential implements Source.
func (s Sources) Credential(ctx context.Context, ref Ref) (Secret, error) {
	if ref.Mode != modeOwn {
		return s.Platform.Credential(ctx, ref)
	}
	route := s.Routes.Find(ref.Workspace, ref.ChannelAccountID)
	if route.GetCredentialId() == "" {
		return Secret{}, fmt.Errorf("%w: the channel account has none of its own", ErrGone)
	}
	ws, err := workspace.ParseID(ref.Workspace)
	if err != nil {
		return Secret{}, fmt.Errorf("%w: %w", ErrNone, err)
	}
	own, err := s.Own.Find(ws, route.GetCredentialId())
	if errors.Is(err, credentials.ErrNone) {
		return Secret{}, fmt.Errorf("%w: %w", ErrGone, err)
	}
	if err != nil {
		return Secret{}, errors.Join(ErrNone, err)
	}
	if own.Provider != ref.Provider {
		return Secret{}, fmt.Errorf("%w: the channel account is of another provider", ErrNone)
	}
	return Secret{Name: modeOwn + "/" + own.Workspace + "/" + own.ID, Values: own.Values, Token: own.Token, Foreign: true}, nil
}
