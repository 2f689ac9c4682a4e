package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
)

// ask asks the store a question about a workspace; the zero workspace is for questions before one is known.
func (a *API) ask(ctx context.Context, ws workspace.ID, entity, verb string, request, response proto.Message) error {
	return unanswered(a.deps.Bus.Ask(ctx, event.AskSubject(ws, entity, verb), request, response))
}

// unanswered says that it is the store that does not answer.
func unanswered(err error) error {
	if errors.Is(err, bus.ErrUnavailable) {
		return storeUnavailable()
	}
	return err
}

// askForList is ask for an operation whose fields are all in the query.
func (a *API) askForList(ctx context.Context, ws workspace.ID, entity string, request, response proto.Message) error {
	return refusedList(a.ask(ctx, ws, entity, "list", request, response))
}

// refusedList names the field of the query that a question was refused for.
func refusedList(err error) error {
	if refused, ok := errors.AsType[*bus.AskError](err); ok && refused.Code == bus.CodeInvalid && refused.Field != "" {
		return NewProblem(http.StatusUnprocessableEntity, CodeInvalidRequest, refused.Message).
			at("query."+refused.Field, refused.Message)
	}
	return err
}

// isID tells whether a text can be the id of anything. What cannot is answered as an id that never existed.
func isID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}

// ReportUse tells the store that an API key is used.
func ReportUse(b Bus) func(ctx context.Context, principal access.Principal) error {
	return func(ctx context.Context, principal access.Principal) error {
		subject := event.AskSubject(principal.Workspace, "api-key", "report-use")
		return b.Ask(ctx, subject, &storev1.ReportApiKeyUseRequest{Id: principal.ID}, &storev1.ReportApiKeyUseResponse{})
	}
}
