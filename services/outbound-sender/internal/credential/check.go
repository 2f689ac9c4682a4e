package credential

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/credentials"
	"github.com/galaxyco-ai/conversations/pkg/egress"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
)

// askTimeout bounds the questions to a provider; whoever asks us waits for 5 s.
const askTimeout = 4 * time.Second

// Checker asks providers about workspaces' own credentials. It is safe for concurrent use.
type Checker struct {
	Registry *channel.Registry
	Own      *credentials.Book
	// Client reaches public addresses only.
	Client *http.Client
	Logger *slog.Logger
}

// Endpoint answers the question credential.check.
func (c *Checker) Endpoint() bus.Endpoint { return bus.Answer("credential", "check", c.check) }

func (c *Checker) check(
	ctx context.Context, ws workspace.ID, request *senderv1.CheckCredentialRequest,
) (proto.Message, error) {
	if ws.IsZero() {
		return nil, &bus.AskError{Code: bus.CodeInvalid, Message: "A credential belongs to a workspace."}
	}
	provider, known := c.Registry.Provider(request.GetCredential().GetProvider())
	if !known {
		return nil, &bus.AskError{Code: bus.CodeInvalid, Field: "provider", Message: "is no provider"}
	}
	opened, err := c.Own.Open(c.Own.Completed(ws, request.GetCredential()))
	if err != nil {
		c.Logger.WarnContext(ctx, "credential does not open", slog.String("workspace", ws.String()), slog.Any("err", err))
		return nil, &bus.AskError{Code: bus.CodeInvalid, Field: "credential", Message: "cannot be opened: enter its secrets again"}
	}
	connection, err := provider.Connect(opened.Values, c.Client)
	if err != nil {
		return nil, &bus.AskError{Code: bus.CodeInvalid, Field: "credential", Message: err.Error()}
	}
	return c.ask(ctx, connection), nil
}

// ask makes the call. A provider that cannot be asked is an answer too.
func (c *Checker) ask(ctx context.Context, connection channel.Connection) (response *senderv1.CheckCredentialResponse) {
	defer func() {
		if cause := recover(); cause != nil {
			c.Logger.ErrorContext(ctx, "the adapter panicked", slog.Any("cause", fmt.Sprint(cause)))
			response = &senderv1.CheckCredentialResponse{Detail: "The provider's answer cannot be read."}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	result, err := connection.Check(ctx)
	switch {
	case errors.Is(err, egress.ErrForbidden):
		return &senderv1.CheckCredentialResponse{Detail: "The address of the provider's API is not on the public internet."}
	case err != nil:
		return &senderv1.CheckCredentialResponse{Detail: "The provider does not answer at the moment."}
	}
	return &senderv1.CheckCredentialResponse{
		Answered: true, KeyValid: result.KeyValid, CanSend: result.CanSend, CanReceive: result.CanReceive,
		SenderVerified: result.SenderVerified, Detail: result.Detail,
	}
}
