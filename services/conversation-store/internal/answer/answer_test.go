package answer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/answer"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/callsetting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/consent"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/inbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/invoice"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/payment"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/setting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/usage"
)

// serve answers the questions of a store until the test ends.
func serve(t *testing.T, store *storetest.Store) []bus.Endpoint {
	t.Helper()
	accounts, err := account.New(store.DB, store.Relay, store.Logger, account.Config{
		Sandbox:  true,
		Platform: []channel.PlatformAccount{{Provider: "phones", Account: "p1", Channels: []channel.Kind{channel.SMS}}},
	})
	require.NoError(t, err)
	box, err := inbox.New(store.DB, store.Relay, store.Logger, nil)
	require.NoError(t, err)
	endpoints := answer.Endpoints(answer.Deps{
		Accounts: accounts, Inbox: box, Consents: consent.New(store.DB, store.Relay, store.Logger, nil),
		CallSettings: callsetting.New(store.DB, store.Relay, store.Logger), Settings: setting.New(store.DB, store.Relay, store.Logger, true), Audit: audit.New(store.DB),
		Plans: plans.New(store.DB, store.Relay, store.Logger), Usage: usage.New(store.DB, nil),
		Invoices: invoice.New(store.DB, store.Logger, nil),
		Payments: payment.NewDesk(store.DB, plans.New(store.DB, store.Relay, store.Logger),
			payment.NewStripe("sk_test", "http://127.0.0.1:1"), store.Logger),
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- store.Bus.Serve(ctx, event.ServiceStore, endpoints) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	require.Eventually(t, func() bool {
		return ask(t, store.Bus, workspace.ID{}, "message.get") == bus.CodeInvalid
	}, 10*time.Second, 10*time.Millisecond)
	return endpoints
}

// questions is one question of each kind, about ids nobody has.
func questions() map[string][2]proto.Message {
	id := uuid.NewString()
	return map[string][2]proto.Message{
		"account.create": {&storev1.SignUpRequest{
			Name: "Ann", Email: id + "@example.com", Password: "correct horse", WorkspaceName: "Home",
		}, &storev1.SessionResponse{}},
		"session.create":             {&storev1.LogInRequest{Email: "nobody@example.com", Password: "correct horse"}, &storev1.SessionResponse{}},
		"session.delete":             {&storev1.LogOutRequest{SessionId: id}, &storev1.LogOutResponse{}},
		"me.get":                     {&storev1.GetMeRequest{UserId: id}, &storev1.GetMeResponse{}},
		"api-key.create":             {&storev1.CreateApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Name: "Key", Role: "agent"}, &storev1.CreateApiKeyResponse{}},
		"api-key.list":               {&storev1.ListApiKeysRequest{}, &storev1.ListApiKeysResponse{}},
		"api-key.revoke":             {&storev1.RevokeApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Id: id}, &storev1.RevokeApiKeyResponse{}},
		"api-key.report-use":         {&storev1.ReportApiKeyUseRequest{Id: id}, &storev1.ReportApiKeyUseResponse{}},
		"conversation.list":          {&storev1.ListConversationsRequest{}, &storev1.ListConversationsResponse{}},
		"conversation.get":           {&storev1.GetConversationRequest{Id: id}, &storev1.GetConversationResponse{}},
		"conversation.update":        {&storev1.UpdateConversationRequest{Id: id}, &storev1.UpdateConversationResponse{}},
		"conversation.prepare-reply": {&storev1.PrepareReplyRequest{ConversationId: id}, &storev1.PrepareReplyResponse{}},
		"message.list":               {&storev1.ListMessagesRequest{ConversationId: id}, &storev1.ListMessagesResponse{}},
		"message.get":                {&storev1.GetMessageRequest{Id: id}, &storev1.GetMessageResponse{}},
		"message.journey":            {&storev1.GetJourneyRequest{MessageId: id}, &storev1.GetJourneyResponse{}},
		"message.prepare-retry":      {&storev1.PrepareRetryRequest{MessageId: id}, &storev1.PrepareRetryResponse{}},
		"consent.list":               {&storev1.ListConsentsRequest{}, &storev1.ListConsentsResponse{}},
		"consent.set": {&storev1.SetConsentRequest{
			Channel: "sms", Address: "+14155550123", State: "opted_out", Reason: "They asked.",
		}, &storev1.SetConsentResponse{}},
		"call-settings.get": {&storev1.GetCallSettingsRequest{}, &storev1.GetCallSettingsResponse{}},
		"call-settings.set": {&storev1.SetCallSettingsRequest{
			Actor:    &storev1.Actor{Kind: "session", Id: "ada"},
			Settings: &bucketv1.CallSettings{RingSeconds: 20},
		}, &storev1.SetCallSettingsResponse{}},
		"communication-setting.list": {&storev1.ListCommunicationSettingsRequest{}, &storev1.ListCommunicationSettingsResponse{}},
		"communication-setting.set": {&storev1.SetCommunicationSettingRequest{
			Channel: "sms", Mode: "platform", Actor: &storev1.Actor{Kind: "session", Id: id},
		}, &storev1.SetCommunicationSettingResponse{}},
		"credential.remove":       {&storev1.RemoveCredentialRequest{Provider: "nobody"}, &storev1.RemoveCredentialResponse{}},
		"audit.list":              {&storev1.ListAuditRequest{}, &storev1.ListAuditResponse{}},
		"plan.list":               {&storev1.ListPlansRequest{}, &storev1.ListPlansResponse{}},
		"terms.set":               {&storev1.SetTermsRequest{Actor: &storev1.Actor{Kind: "session", Id: id}}, &storev1.SetTermsResponse{}},
		"usage.get":               {&storev1.GetUsageRequest{}, &storev1.GetUsageResponse{}},
		"invoice.list":            {&storev1.ListInvoicesRequest{}, &storev1.ListInvoicesResponse{}},
		"payment.get":             {&storev1.GetPaymentRequest{}, &storev1.GetPaymentResponse{}},
		"payment.choose-plan":     {&storev1.ChoosePlanRequest{PlanId: "nothing"}, &storev1.ChoosePlanResponse{}},
		"payment.create-checkout": {&storev1.CreateCheckoutRequest{}, &storev1.CreateCheckoutResponse{}},
		"payment.create-portal":   {&storev1.CreatePortalRequest{}, &storev1.CreatePortalResponse{}},
		"payment.apply":           {&storev1.ApplyPaymentEventRequest{Type: "customer.updated", ObjectId: "cus_none"}, &storev1.ApplyPaymentEventResponse{}},
		"usage.list":              {&storev1.ListUsageRequest{Period: "2026-11"}, &storev1.ListUsageResponse{}},
	}
}

// ask asks one of the questions and returns the code it was refused with; empty when it was answered.
func ask(t *testing.T, b *bus.Bus, ws workspace.ID, name string) string {
	t.Helper()
	entity, verb, _ := strings.Cut(name, ".")
	if name == "account.create" || name == "session.create" {
		ws = workspace.ID{}
	}
	question := questions()[name]
	err := b.Ask(t.Context(), event.AskSubject(ws, entity, verb), question[0], question[1])
	if err == nil {
		return ""
	}
	if refusal, ok := errors.AsType[*bus.AskError](err); ok {
		return refusal.Code
	}
	require.ErrorIs(t, err, bus.ErrUnavailable)
	return "nobody answered"
}

func TestEveryQuestionIsAnswered(t *testing.T) {
	t.Parallel()
	store := storetest.New(t)
	endpoints := serve(t, store)
	var served []string
	for _, endpoint := range endpoints {
		served = append(served, endpoint.Entity+"."+endpoint.Verb)
	}
	var asked []string
	for name := range questions() {
		asked = append(asked, name)
	}
	require.ElementsMatch(t, asked, served)

	ws := store.NewWorkspace(t)
	for name := range questions() {
		want := bus.CodeNotFound
		switch name {
		case "account.create", "session.delete", "api-key.create", "api-key.list", "conversation.list", "consent.list", "consent.set",
			"call-settings.get", "call-settings.set", "communication-setting.list", "communication-setting.set", "audit.list",
			"plan.list", "terms.set", "usage.get", "usage.list", "invoice.list", "payment.get", "payment.apply":
			want = ""
		case "session.create":
			want = bus.CodeUnauthenticated
		case "payment.choose-plan":
			want = bus.CodeInvalid
		case "payment.create-checkout", "payment.create-portal":
			want = bus.CodeConflict // nobody collects at that address
		}
		require.Equal(t, want, ask(t, store.Bus, ws.ID, name), name)
		if name != "account.create" && name != "session.create" && name != "payment.apply" {
			require.Equal(t, bus.CodeInvalid, ask(t, store.Bus, workspace.ID{}, name), name)
		}
	}

	var conversations storev1.ListConversationsResponse
	err := store.Bus.Ask(t.Context(), event.AskSubject(ws.ID, "conversation", "list"),
		&storev1.ListConversationsRequest{Status: "odd"}, &conversations)
	storetest.RequireRefusal(t, err, bus.CodeInvalid, "status")
}

func TestADatabaseThatIsAwayIsToldQuickly(t *testing.T) {
	t.Parallel()
	server := pgservertest.Server(t)
	store := storetest.On(t, server.URL("postgres"))
	serve(t, store)
	ws := store.NewWorkspace(t)
	require.Empty(t, ask(t, store.Bus, ws.ID, "conversation.list"))

	require.NoError(t, server.Kill())
	for name := range questions() {
		start := time.Now()
		require.Equal(t, bus.CodeUnavailable, ask(t, store.Bus, ws.ID, name), name)
		require.Less(t, time.Since(start), 3*time.Second, name)
	}
	require.NoError(t, server.Restart(t.Context()))
	require.Eventually(t, func() bool { return ask(t, store.Bus, ws.ID, "conversation.list") == "" },
		30*time.Second, 100*time.Millisecond)
}

func TestADatabaseThatHangsIsToldBeforeTheAskerLeaves(t *testing.T) {
	t.Parallel()
	store := storetest.New(t)
	serve(t, store)
	ws := store.NewWorkspace(t)
	locked, release := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- store.DB.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
			_, err := tx.Exec(ctx, "LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE")
			close(locked)
			<-release
			return err
		})
	}()
	<-locked
	for _, name := range []string{"conversation.list", "conversation.update"} {
		start := time.Now()
		require.Equal(t, bus.CodeUnavailable, ask(t, store.Bus, ws.ID, name), name)
		require.Less(t, time.Since(start), 4500*time.Millisecond, name)
	}
	close(release)
	require.NoError(t, <-ended)
	require.Empty(t, ask(t, store.Bus, ws.ID, "conversation.list"))
}
