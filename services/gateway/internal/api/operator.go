package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

// operatorPath is where everything is that is for those who run the platform.
const operatorPath = "/api/operator/"

// mayEnter keeps everybody but operators out of what is theirs: for anybody else it is not there. A program's key never
// is an operator's.
func mayEnter(ctx context.Context, operation *huma.Operation) bool {
	return !strings.HasPrefix(operation.Path, operatorPath) || principalOf(ctx).Operator
}

// Handling is what an operator did with something left over.
type Handling struct {
	Action string    `json:"action" doc:"fixed, released or driven."`
	By     string    `json:"by" doc:"The operator's user id, or the name a command was given."`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty" doc:"Why a fix was made."`
}

// LeftoverQuery filters and pages a list of what is left over.
type LeftoverQuery struct {
	Since  time.Time `query:"since" doc:"Only what came since."`
	All    bool      `query:"all" doc:"Also what has been released or driven again."`
	Limit  int32     `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Before uint64    `query:"before" doc:"The next of the page before."`
}

type leftoverInput struct {
	ID uint64 `path:"id"`
}

type handleInput struct {
	Idempotent
	ID uint64 `path:"id"`
}

// Replay says which messages from customers to run through the store once more: those of all that is set.
type Replay struct {
	MessageID   string     `json:"messageId,omitempty" maxLength:"64"`
	WorkspaceID string     `json:"workspaceId,omitempty" maxLength:"64"`
	From        *time.Time `json:"from,omitempty" doc:"Stored at this time or later."`
	To          *time.Time `json:"to,omitempty" doc:"Stored before this time."`
	Next        uint64     `json:"next,omitempty" doc:"The next of the answer before: ask until there is none."`
}

// Replayed tells how far a replay came.
type Replayed struct {
	Replayed int    `json:"replayed" doc:"How many were run through, changed or not."`
	Failed   int    `json:"failed" doc:"How many of them could not be processed."`
	Next     uint64 `json:"next,omitempty" doc:"Where to go on. Absent when there is nothing more."`
}

type replayInput struct {
	Idempotent
	Body Replay
}

type replayOutput struct {
	Replayable
	Body Replayed
}

func (a *API) registerOperator() {
	a.registerQuarantine()
	a.registerDeadLetters()
	a.registerOperatorPlans()
	registerOnce(a, with(protected("replay-inbound", http.MethodPost, operatorPath+"replays", tagOperator, "Replay messages from customers"),
		http.StatusOK, "What is there already stays as it is. A part at a time: ask again with next."), a.replayInbound)
}

// operate asks one of the services about what belongs to no workspace.
func (a *API) operate(ctx context.Context, entity, verb string, request, response proto.Message) error {
	return a.ask(ctx, workspace.ID{}, entity, verb, request, response)
}

func (a *API) replayInbound(ctx context.Context, input *replayInput) (*replayOutput, error) {
	request := &operatorv1.ReplayInboundRequest{
		MessageId: input.Body.MessageID, WorkspaceId: input.Body.WorkspaceID, From: toOptionalProto(input.Body.From),
		To: toOptionalProto(input.Body.To), Next: input.Body.Next, By: principalOf(ctx).UserID,
	}
	response := &operatorv1.ReplayInboundResponse{}
	if err := a.operate(ctx, "inbound", "replay", request, response); err != nil {
		return nil, err
	}
	return &replayOutput{Body: Replayed{
		Replayed: int(response.GetReplayed()), Failed: int(response.GetFailed()), Next: response.GetNext(),
	}}, nil
}

func toHandling(h *operatorv1.Handling) *Handling {
	if h == nil {
		return nil
	}
	return &Handling{Action: h.GetAction(), By: h.GetBy(), At: toTime(h.GetAt()), Reason: h.GetFix().GetReason()}
}

func toOptionalProto(at *time.Time) *timestamppb.Timestamp {
	if at == nil || at.IsZero() {
		return nil
	}
	return timestamppb.New(*at)
}
