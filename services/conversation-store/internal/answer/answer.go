// Package answer is where the gateway's questions arrive: it gives each a deadline, lets accounts and inbox answer, and
// tells a database that is away from a mistake of ours.
package answer

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/callsetting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/consent"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/inbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/invoice"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/payment"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/setting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/usage"
)

const (
	// readTime is how long a question that changes nothing may take.
	readTime = 2 * time.Second
	// writeTime is how long one that changes something may take: it waits its turn behind other writers.
	writeTime = 3 * time.Second
	// passwordTime also covers a wait for the processor. It ends before the asker stops listening after 5 s.
	passwordTime = 4500 * time.Millisecond
	// outsideTime also covers a call to somebody else.
	outsideTime = 4500 * time.Millisecond
)

// Deps are who answers.
type Deps struct {
	Accounts     *account.Accounts
	Inbox        *inbox.Inbox
	Consents     *consent.Consents
	CallSettings *callsetting.Settings
	Settings     *setting.Settings
	Audit        *audit.Log
	Plans        *plans.Plans
	Usage        *usage.Ledger
	Invoices     *invoice.Issuer
	Payments     *payment.Desk
}

// Endpoints lists every question this service answers.
func Endpoints(deps Deps) []bus.Endpoint {
	accounts, inbox, consents, calls := deps.Accounts, deps.Inbox, deps.Consents, deps.CallSettings
	settings, audit := deps.Settings, deps.Audit
	return []bus.Endpoint{
		anyone("account", "create", passwordTime, accounts.SignUp),
		anyone("session", "create", passwordTime, accounts.LogIn),
		inWorkspace("session", "delete", writeTime, accounts.LogOut),
		inWorkspace("me", "get", readTime, accounts.GetMe),
		inWorkspace("api-key", "create", writeTime, accounts.CreateAPIKey),
		inWorkspace("api-key", "list", readTime, accounts.ListAPIKeys),
		inWorkspace("api-key", "revoke", writeTime, accounts.RevokeAPIKey),
		inWorkspace("api-key", "report-use", writeTime, accounts.ReportAPIKeyUse),
		encoded("conversation", "list", readTime, inbox.EncodeConversations),
		inWorkspace("conversation", "get", readTime, inbox.GetConversation),
		inWorkspace("conversation", "update", writeTime, inbox.UpdateConversation),
		inWorkspace("conversation", "prepare-reply", readTime, inbox.PrepareReply),
		inWorkspace("message", "list", readTime, inbox.ListMessages),
		inWorkspace("message", "get", readTime, inbox.GetMessage),
		inWorkspace("message", "journey", readTime, inbox.GetJourney),
		inWorkspace("message", "prepare-retry", readTime, inbox.PrepareRetry),
		inWorkspace("consent", "list", readTime, consents.List),
		inWorkspace("consent", "set", writeTime, consents.Set),
		inWorkspace("call-settings", "get", readTime, calls.Get),
		inWorkspace("call-settings", "set", writeTime, calls.Set),
		inWorkspace("communication-setting", "list", readTime, settings.List),
		inWorkspace("communication-setting", "set", writeTime, settings.Set),
		inWorkspace("credential", "remove", writeTime, settings.Remove),
		inWorkspace("audit", "list", readTime, audit.List),
		inWorkspace("plan", "list", readTime, deps.Plans.List),
		inWorkspace("terms", "set", writeTime, deps.Plans.Set),
		inWorkspace("usage", "get", readTime, deps.Usage.Get),
		inWorkspace("usage", "list", readTime, deps.Usage.List),
		inWorkspace("invoice", "list", readTime, deps.Invoices.List),
		inWorkspace("payment", "get", readTime, deps.Payments.Get),
		inWorkspace("payment", "choose-plan", outsideTime, deps.Payments.ChoosePlan),
		inWorkspace("payment", "create-checkout", outsideTime, deps.Payments.Checkout),
		inWorkspace("payment", "create-portal", outsideTime, deps.Payments.Portal),
		anyone("payment", "apply", outsideTime, deps.Payments.Apply),
	}
}

// message is a pointer to a generated struct.
type message[T any] interface {
	*T
	proto.Message
}

// anyone makes the endpoint of a question that comes before a workspace is known.
func anyone[Q any, Request message[Q], Response proto.Message](
	entity, verb string, limit time.Duration, handle func(context.Context, workspace.ID, Request) (Response, error),
) bus.Endpoint {
	return bus.Answer(entity, verb, func(ctx context.Context, ws workspace.ID, request Request) (proto.Message, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		response, err := handle(ctx, ws, request)
		if err != nil {
			return nil, explain(err)
		}
		return response, nil
	})
}

// inWorkspace makes the endpoint of a question about one workspace.
func inWorkspace[Q any, Request message[Q], Response proto.Message](
	entity, verb string, limit time.Duration, handle func(context.Context, workspace.ID, Request) (Response, error),
) bus.Endpoint {
	return anyone(entity, verb, limit, func(ctx context.Context, ws workspace.ID, request Request) (Response, error) {
		if ws.IsZero() {
			var none Response
			return none, errNoWorkspace()
		}
		return handle(ctx, ws, request)
	})
}

// encoded is inWorkspace for who encodes the answer himself.
func encoded[Q any, Request message[Q]](
	entity, verb string, limit time.Duration, handle func(context.Context, workspace.ID, Request) ([]byte, error),
) bus.Endpoint {
	return bus.AnswerEncoded(entity, verb, func(ctx context.Context, ws workspace.ID, request Request) ([]byte, error) {
		if ws.IsZero() {
			return nil, errNoWorkspace()
		}
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		data, err := handle(ctx, ws, request)
		return data, explain(err)
	})
}

func errNoWorkspace() error {
	return &bus.AskError{Code: bus.CodeInvalid, Message: "The question names no workspace."}
}

// explain marks an error that another try may not meet, so that the asker hears "unavailable" and not "internal".
func explain(err error) error {
	if postgres.Unavailable(err) {
		return fmt.Errorf("%w: %w", bus.ErrUnavailable, err)
	}
	return err
}
