package api

import (
	"context"
	"net/http"
	"time"

	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// AuditEntry is a change of a setting, a role or a key.
type AuditEntry struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	By      AuditBy   `json:"by"`
	Remote  string    `json:"remote" doc:"The address the request came from."`
	Action  string    `json:"action" example:"credential.replaced"`
	Subject string    `json:"subject" doc:"What was changed, for example the channel or the provider."`
	Detail  string    `json:"detail" doc:"What it became. It holds no secret."`
}

// AuditBy is who made a change.
type AuditBy struct {
	Kind string `json:"kind" enum:"session,api_key,payment_portal"`
	ID   string `json:"id" doc:"Of the user, or of the API key."`
}

// AuditList is a page of changes, newest first.
type AuditList struct {
	Items      []AuditEntry `json:"items" nullable:"false"`
	NextCursor string       `json:"nextCursor,omitempty" doc:"Absent on the last page."`
}

type listAuditInput struct {
	Limit  int32  `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" maxLength:"64"`
}

type listAuditOutput struct{ Body AuditList }

func (a *API) registerAudit() {
	register(a, with(protected("list-audit", http.MethodGet, "/api/audit", tagSettings, "Who changed what"), http.StatusOK,
		"Owners and admins only. Every change of a setting, a role or a key, newest first."), a.listAudit)
}

func (a *API) listAudit(ctx context.Context, input *listAuditInput) (*listAuditOutput, error) {
	principal := principalOf(ctx)
	if !principal.Manages() {
		return nil, forbidden("Only owners and admins see who changed what.")
	}
	response := &storev1.ListAuditResponse{}
	request := &storev1.ListAuditRequest{Limit: input.Limit, Before: input.Cursor}
	if err := a.askForList(ctx, principal.Workspace, "audit", request, response); err != nil {
		return nil, err
	}
	page := AuditList{Items: mapped(response.GetEntries(), toAuditEntry)}
	if len(page.Items) == int(input.Limit) {
		page.NextCursor = page.Items[len(page.Items)-1].ID
	}
	return &listAuditOutput{Body: page}, nil
}

func toAuditEntry(e *storev1.AuditEntry) AuditEntry {
	return AuditEntry{
		ID: e.GetId(), At: e.GetAt().AsTime(), Remote: e.GetActor().GetRemote(), Action: e.GetAction(), Subject: e.GetSubject(),
		Detail: e.GetDetail(), By: AuditBy{Kind: e.GetActor().GetKind(), ID: e.GetActor().GetId()},
	}
}

// actorOf is who is calling, for the audit.
func actorOf(ctx context.Context) *storev1.Actor {
	principal := principalOf(ctx)
	id := principal.ID
	if principal.UserID != "" {
		id = principal.UserID
	}
	remote, _ := ctx.Value(addressKey{}).(string)
	return &storev1.Actor{Kind: principal.Kind, Id: id, Remote: remote}
}
