package api

import (
	"context"
	"net/http"
	"time"

	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

// DeadLetter is an event that a service could not process.
type DeadLetter struct {
	ID             uint64    `json:"id"`
	Service        string    `json:"service" doc:"Who could not process it."`
	WorkspaceID    string    `json:"workspaceId,omitempty"`
	Stream         string    `json:"stream"`
	StreamSequence uint64    `json:"streamSequence"`
	Subject        string    `json:"subject"`
	Reason         string    `json:"reason"`
	Deliveries     uint64    `json:"deliveries" doc:"How often it was tried."`
	DiedAt         time.Time `json:"diedAt"`
	Handling       *Handling `json:"handling,omitempty" doc:"What an operator did with it. Absent while nobody has done anything."`
	Headers        []string  `json:"headers,omitempty" nullable:"false" doc:"Name: value. Absent in lists."`
	Payload        []byte    `json:"payload,omitempty" doc:"Base64, the event as it was published. Absent in lists."`
}

// DeadLetterPage is one page, newest first.
type DeadLetterPage struct {
	Items []DeadLetter `json:"items" nullable:"false"`
	Next  uint64       `json:"next,omitempty" doc:"Pass it as before for the next page. Absent on the last; a page may be empty and have a next."`
}

type listDeadInput struct {
	LeftoverQuery
	Service     string `query:"service" maxLength:"64"`
	WorkspaceID string `query:"workspaceId" maxLength:"64"`
}

type listDeadOutput struct{ Body DeadLetterPage }

type deadOutput struct{ Body DeadLetter }

type driveOutput struct {
	Replayable
	Body DeadLetter
}

func (a *API) registerDeadLetters() {
	const list = operatorPath + "dead-letters"
	register(a, protected("list-dead-letters", http.MethodGet, list, tagOperator, "List dead letters"), a.listDead)
	register(a, protected("get-dead-letter", http.MethodGet, list+"/{id}", tagOperator, "Show a dead letter"), a.getDead)
	registerOnce(a, with(protected("drive-dead-letter", http.MethodPost, list+"/{id}/drive", tagOperator, "Drive a dead letter again"),
		http.StatusOK, "The service that could not process it, and no other, gets it once more. What had been done is not done twice. "+
			"Where it dies again there is a new letter."), a.driveDead)
}

func (a *API) listDead(ctx context.Context, input *listDeadInput) (*listDeadOutput, error) {
	request := &operatorv1.ListDeadRequest{
		Service: input.Service, WorkspaceId: input.WorkspaceID, Since: toOptionalProto(&input.Since), All: input.All,
		Limit: input.Limit, Before: input.Before,
	}
	response := &operatorv1.ListDeadResponse{}
	if err := a.operate(ctx, "dead-letter", "list", request, response); err != nil {
		return nil, err
	}
	return &listDeadOutput{Body: DeadLetterPage{Items: mapped(response.GetItems(), toDeadLetter), Next: response.GetNext()}}, nil
}

func (a *API) getDead(ctx context.Context, input *leftoverInput) (*deadOutput, error) {
	response := &operatorv1.GetDeadResponse{}
	if err := a.operate(ctx, "dead-letter", "get", &operatorv1.GetDeadRequest{Id: input.ID}, response); err != nil {
		return nil, err
	}
	return &deadOutput{Body: toDeadLetter(response.GetItem())}, nil
}

func (a *API) driveDead(ctx context.Context, input *handleInput) (*driveOutput, error) {
	request := &operatorv1.DriveDeadRequest{Id: input.ID, By: principalOf(ctx).UserID}
	response := &operatorv1.DriveDeadResponse{}
	if err := a.operate(ctx, "dead-letter", "drive", request, response); err != nil {
		return nil, err
	}
	return &driveOutput{Body: toDeadLetter(response.GetItem())}, nil
}

func toDeadLetter(d *operatorv1.Dead) DeadLetter {
	return DeadLetter{
		ID: d.GetId(), Service: d.GetService(), WorkspaceID: d.GetWorkspaceId(), Stream: d.GetStream(),
		StreamSequence: d.GetStreamSequence(), Subject: d.GetSubject(), Reason: d.GetReason(), Deliveries: d.GetDeliveries(),
		DiedAt: toTime(d.GetDiedAt()), Handling: toHandling(d.GetHandling()), Headers: d.GetHeaders(), Payload: d.GetPayload(),
	}
}
