package setting

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// sealedPage is how many credentials are listed at a time: each has at most maxFields, and a message of the bus 1 MiB.
const sealedPage = 10

// Endpoints are what operators ask: they bring the secrets of all workspaces to another key without opening them.
func (s *Settings) Endpoints() []bus.Endpoint {
	return []bus.Endpoint{
		bus.Answer("sealed-credential", "list", s.listSealed), bus.Answer("sealed-credential", "replace", s.replaceSealed),
	}
}

func (s *Settings) listSealed(
	ctx context.Context, _ workspace.ID, request *operatorv1.ListSealedCredentialsRequest,
) (proto.Message, error) {
	var ws, id uuid.UUID
	if after := request.GetAfter(); after != "" {
		first, second, _ := strings.Cut(after, "/")
		var wrong, bad error
		ws, wrong = uuid.Parse(first)
		id, bad = uuid.Parse(second)
		if wrong != nil || bad != nil {
			return nil, refuse.Invalid("after", "is not the next of a page")
		}
	}
	var found []bucket.Credential
	err := s.db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		rows, err := tx.Query(ctx, listSealed, ws, id, sealedPage)
		if err != nil {
			return fmt.Errorf("reading the credentials: %w", err)
		}
		if found, err = pgx.CollectRows(rows, pgx.RowToStructByName[bucket.Credential]); err != nil {
			return fmt.Errorf("reading the credentials: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	response := &operatorv1.ListSealedCredentialsResponse{}
	for _, each := range found {
		response.Credentials = append(response.Credentials, each.Value())
	}
	if len(found) == sealedPage {
		last := found[sealedPage-1]
		response.Next = last.WorkspaceID.String() + "/" + last.ID.String()
	}
	return response, nil
}

// replaceSealed keeps the secrets as they are sealed now, unless one of them was entered anew meanwhile. Nobody sees a
// difference, so it is neither a change of the setting nor an entry of the audit.
func (s *Settings) replaceSealed(
	ctx context.Context, ws workspace.ID, request *operatorv1.ReplaceSealedRequest,
) (proto.Message, error) {
	id, err := uuid.Parse(request.GetCredentialId())
	if err != nil || ws.IsZero() {
		return nil, refuse.NotFound("credential")
	}
	response := &operatorv1.ReplaceSealedResponse{}
	err = s.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		kept, ok, err := only(ctx, tx, pgx.RowToStructByName[bucket.Credential], lockCredential, id)
		if err != nil {
			return fmt.Errorf("reading the credential: %w", err)
		}
		if !ok {
			return nil
		}
		if kept.Fields, ok, err = replaced(kept.Fields, request.GetSecrets()); err != nil || !ok {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE credentials SET fields = $2 WHERE id = $1", id, kept.Fields); err != nil {
			return fmt.Errorf("writing the credential: %w", err)
		}
		response.Replaced = true
		return outbox.Put(ctx, tx, ws, event.BucketCredentials, kept.Key(), kept.Value())
	})
	if err != nil {
		return nil, err
	}
	s.flush(ctx)
	return response, nil
}

// replaced puts secrets in the place of those they replace; ok tells whether those are what is kept.
func replaced(encoded []byte, secrets []*operatorv1.ReplacedSecret) (whole []byte, ok bool, err error) {
	fields := &bucketv1.Credential{}
	if err := proto.Unmarshal(encoded, fields); err != nil {
		return nil, false, fmt.Errorf("reading the fields of the credential: %w", err)
	}
	for _, each := range secrets {
		kept := fields.GetSecrets()[each.GetField()]
		if kept == nil || len(each.GetAfter()) == 0 || !bytes.Equal(kept.GetSealed(), each.GetBefore()) {
			return nil, false, nil
		}
		kept.Sealed = each.GetAfter()
	}
	whole, err = encode(fields)
	return whole, err == nil, err
}
