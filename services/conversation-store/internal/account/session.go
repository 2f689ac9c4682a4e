package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// sessionLife is how long a session lasts.
const sessionLife = 30 * 24 * time.Hour

// maxSessions bounds the sessions of a user, and with them what every gateway holds in memory: the oldest ends.
const maxSessions = 100

// session is a session that is about to be saved; its token is nowhere else.
type session struct {
	token     string
	createdAt time.Time
	expiresAt time.Time
	userID    uuid.UUID
	workspace workspace.ID
	access    bucket.Access
}

func (a *Accounts) newSession(ws workspace.ID, userID uuid.UUID, role string) (*session, error) {
	token, err := newToken()
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("making a session id: %w", err)
	}
	now := a.clock()
	s := &session{token: token, createdAt: now, expiresAt: now.Add(sessionLife), userID: userID, workspace: ws}
	s.access = bucket.Access{
		Kind: bucket.KindSession, ID: id, WorkspaceID: ws.UUID(), UserID: &s.userID, Role: role,
		ExpiresAt: &s.expiresAt, SecretHash: digest(token),
	}
	return s, nil
}

func (s *session) save(ctx context.Context, tx postgres.ChangeTx) error {
	_, err := tx.Exec(ctx, createSession,
		s.workspace.UUID(), s.access.ID, s.userID, s.access.SecretHash, s.createdAt, s.expiresAt)
	if err != nil {
		return fmt.Errorf("creating a session: %w", err)
	}
	err = tx.QueryRow(ctx, isOperator, s.userID).Scan(&s.access.Operator)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("reading what a user may do: %w", err)
	}
	return outbox.Put(ctx, tx, s.workspace, event.BucketAccess, s.access.Key(), s.access.Value())
}

// member is who an e-mail address belongs to, and where they work.
type member struct {
	id                                 uuid.UUID
	name, email, passwordHash          string
	workspaceID                        uuid.UUID
	workspaceName, workspaceSlug, role string
}

// LogIn checks a password and makes a session. An unknown address takes as long as a wrong password and is answered
// the same.
func (a *Accounts) LogIn(
	ctx context.Context, _ workspace.ID, request *storev1.LogInRequest,
) (*storev1.SessionResponse, error) {
	who, err := a.findMember(ctx, request.GetEmail())
	if err != nil {
		return nil, err
	}
	match, err := a.passwords.matches(ctx, request.GetPassword(), who.passwordHash)
	if err != nil {
		return nil, err
	}
	if !match {
		return nil, refuse.Unauthenticated()
	}
	ws, err := workspace.ParseID(who.workspaceID.String())
	if err != nil {
		return nil, fmt.Errorf("reading the workspace of a member: %w", err)
	}
	open, err := a.newSession(ws, who.id, who.role)
	if err != nil {
		return nil, err
	}
	err = a.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		if err := endSessions(ctx, tx, ws, deleteSurplusSessions, who.id, open.createdAt, maxSessions-1); err != nil {
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
		User:      &storev1.User{Id: who.id.String(), Name: who.name, Email: who.email},
		Workspace: &storev1.Workspace{Id: ws.String(), Name: who.workspaceName, Slug: who.workspaceSlug},
		Principal: open.access.Value(),
	}, nil
}

// findMember returns the zero member, whose password hash nothing matches, when there is none.
func (a *Accounts) findMember(ctx context.Context, text string) (member, error) {
	email, err := cleanEmail(text)
	if err != nil {
		email = "" // nobody's; asking all the same keeps the time the same
	}
	var who member
	err = a.db.WithoutWorkspace(ctx, func(ctx context.Context, tx postgres.Tx) error {
		return tx.QueryRow(ctx, signInUser, email).Scan(&who.id, &who.name, &who.email, &who.passwordHash,
			&who.workspaceID, &who.workspaceName, &who.workspaceSlug, &who.role)
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return member{}, fmt.Errorf("finding a member: %w", err)
	}
	return who, nil
}

// LogOut ends a session. Ending it again, or one that never was, changes nothing.
func (a *Accounts) LogOut(
	ctx context.Context, ws workspace.ID, request *storev1.LogOutRequest,
) (*storev1.LogOutResponse, error) {
	id, err := uuid.Parse(request.GetSessionId())
	if err != nil {
		return &storev1.LogOutResponse{}, nil //nolint:nilerr // nobody's session is over already
	}
	err = a.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		return endSessions(ctx, tx, ws, deleteSession, id)
	})
	if err != nil {
		return nil, err
	}
	a.flush(ctx)
	return &storev1.LogOutResponse{}, nil
}

// endSessions runs a statement that deletes sessions and takes them out of the bucket.
func endSessions(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, statement string, args ...any) error {
	rows, err := tx.Query(ctx, statement, args...)
	if err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	hashes, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	for _, hash := range hashes {
		outbox.Delete(ctx, tx, ws, event.BucketAccess, bucket.AccessKey(hash))
	}
	return nil
}
