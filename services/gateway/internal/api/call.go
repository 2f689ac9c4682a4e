package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// callRequest says whose phone rings first, and what else the call needs.
func (a *API) callRequest(ctx context.Context, ws workspace.ID, agentID string) (*eventv1.CallRequest, error) {
	own := principalOf(ctx).UserID
	if agentID == "" {
		agentID = own
	}
	if agentID == "" {
		return nil, invalid("agentId", "is required with an API key, which has no phone")
	}
	settings := a.deps.Standing.CallSettings(ws)
	at := slices.IndexFunc(settings.GetAgents(), func(each *bucketv1.CallAgent) bool { return each.GetUserId() == agentID })
	if at < 0 || settings.GetAgents()[at].GetPhone() == "" {
		return nil, noPhone(agentID == own)
	}
	return &eventv1.CallRequest{
		AgentId: agentID, AgentPhone: settings.GetAgents()[at].GetPhone(), Record: settings.GetRecord(),
		Announcement: settings.GetAnnouncement(),
	}, nil
}

func noPhone(isOwn bool) *Problem {
	detail, remedy := "You have no phone number that could ring.", "Add your phone number under Settings, Calls."
	if !isOwn {
		detail, remedy = "This person has no phone number that could ring.", "Add their phone number under Settings, Calls."
	}
	problem := NewProblem(http.StatusUnprocessableEntity, CodeNoAgentPhone, detail)
	problem.Remedy = remedy
	return problem.at("body.agentId", detail)
}
