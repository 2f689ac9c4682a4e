package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

const (
	roleOwner = "owner"
	slugTries = 8
)

// signUp is a checked request to sign up, with everything that is decided before the transaction.
type signUp struct {
	userID       uuid.UUID
	name, email  string
	passwordHash string
	workspace    workspace.ID
	title        string
	slug         string
	plan         string
}

// SignUp makes a user, their workspace with its channels, and a session. The e-mail address, unique over all users, is
// the key that lets only one of several sign-ups through; the others are a conflict.
func (a *Accounts) SignUp(
	ctx context.Context, _ workspace.ID, request *storev1.SignUpRequest,
) (*storev1.SessionResponse, error) {
	s, err := a.newSignUp(ctx, request)
	if err != nil {
		return nil, err
	}
	open, err := a.newSession(s.workspace, s.userID, roleOwner)
	if err != nil {
		return nil, err
	}
	err = a.db.ChangeInWorkspace(ctx, s.workspace, func(ctx context.Context, tx postgres.ChangeTx) error {
		if err := s.create(ctx, tx); err != nil {
			return err
		}
		if err := a.settle(ctx, tx, home{s.workspace, s.title, s.slug}); err != nil {
			return err
		}
		return open.save(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	a.flush(ctx)
	return &storev1.SessionResponse{
		Token:     open.token,
		User:      &storev1.User{Id: s.userID.String(), Name: s.name, Email: s.email},
		Workspace: &storev1.Workspace{Id: s.workspace.String(), Name: s.title, Slug: s.slug},
		Principal: open.access.Value(),
	}, nil
}

func (a *Accounts) newSignUp(ctx context.Context, request *storev1.SignUpRequest) (*signUp, error) {
	name, err := cleanName("name", request.GetName())
	if err != nil {
		return nil, err
	}
	email, err := cleanEmail(request.GetEmail())
	if err != nil {
		return nil, err
	}
	if err := checkPassword(request.GetPassword(), email); err != nil {
		return nil, err
	}
	title, err := cleanName("workspaceName", request.GetWorkspaceName())
	if err != nil {
		return nil, err
	}
	userID, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("making a user id: %w", err)
	}
	hash, err := a.passwords.hash(ctx, request.GetPassword()) // last: it is dear
	if err != nil {
		return nil, err
	}
	return &signUp{
		userID: userID, name: name, email: email, passwordHash: hash,
		workspace: workspace.NewID(), title: title, slug: slugOf(title), plan: a.plan,
	}, nil
}

// create writes the user, the workspace and the membership, and settles the slug.
func (s *signUp) create(ctx context.Context, tx postgres.ChangeTx) error {
	var created bool
	if err := tx.QueryRow(ctx, createUser, s.userID, s.name, s.email, s.passwordHash).Scan(&created); err != nil {
		return fmt.Errorf("creating a user: %w", err)
	}
	if !created {
		return refuse.Conflict("email", "This e-mail address is registered already: log in instead.")
	}
	if err := s.createWorkspace(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, createMembership, s.workspace.UUID(), s.userID, roleOwner); err != nil {
		return fmt.Errorf("creating a membership: %w", err)
	}
	return nil
}

// createWorkspace takes the plain slug of the name when it is free and one with a random end otherwise.
func (s *signUp) createWorkspace(ctx context.Context, tx postgres.ChangeTx) error {
	wanted := s.slug
	for range slugTries {
		tag, err := tx.Exec(ctx, createWorkspace, s.workspace.UUID(), s.title, s.slug, s.plan)
		if err != nil {
			return fmt.Errorf("creating a workspace: %w", err)
		}
		if tag.RowsAffected() == 1 {
			return nil
		}
		s.slug = distinctSlug(wanted)
	}
	return errors.New("finding a free slug")
}
