package credential

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/credentials"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
)

// Reseal answers the question credential.reseal: the secrets of a credential, sealed with the key that seals now. Nothing
// is told of what they are.
func Reseal(own *credentials.Book) bus.Endpoint {
	return bus.Answer("credential", "reseal", func(
		_ context.Context, ws workspace.ID, request *senderv1.ResealCredentialRequest,
	) (proto.Message, error) {
		if ws.IsZero() {
			return nil, &bus.AskError{Code: bus.CodeInvalid, Message: "A credential belongs to a workspace."}
		}
		sealed, err := own.Reseal(ws, request.GetCredential())
		switch {
		case errors.Is(err, credentials.ErrNoKeys):
			return nil, &bus.AskError{Code: bus.CodeConflict, Message: "outbound-sender has no sealing keys."}
		case errors.Is(err, credentials.ErrWrongKeys):
			return nil, &bus.AskError{Code: bus.CodeConflict, Message: "outbound-sender has not got the key that it is sealed with."}
		case err != nil:
			return nil, &bus.AskError{Code: bus.CodeInvalid, Field: "credential", Message: "does not open: its secrets have to be entered again"}
		}
		return &senderv1.ResealCredentialResponse{Sealed: sealed}, nil
	})
}
