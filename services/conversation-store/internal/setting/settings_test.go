package setting_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/rebuild"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/setting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

const own = "+14155550101"

type bundle struct {
	*storetest.Store
	accounts *account.Accounts
	settings *setting.Settings
}

// setup makes a store whose platform has texts and calls of one provider.
func setup(t *testing.T) bundle {
	t.Helper()
	store := storetest.New(t)
	accounts, err := account.New(store.DB, store.Relay, store.Logger, account.Config{
		Sandbox: true, Cost: account.Cost{MemoryKiB: 64, Iterations: 1},
		Platform: []channel.PlatformAccount{{Provider: "phones", Account: "p1", Channels: []channel.Kind{channel.SMS, channel.Call}}},
	})
	require.NoError(t, err)
	return bundle{store, accounts, setting.New(store.DB, store.Relay, store.Logger, true)}
}

func (b bundle) signUp(t *testing.T) workspace.ID {
	t.Helper()
	response, err := b.accounts.SignUp(t.Context(), workspace.ID{}, &storev1.SignUpRequest{
		Name: "Ann", Email: uuid.NewString() + "@example.com", Password: "correct horse", WorkspaceName: "Home",
	})
	require.NoError(t, err)
	id, err := workspace.ParseID(response.GetWorkspace().GetId())
	require.NoError(t, err)
	return id
}

// byOwn chooses an own account for texts.
func byOwn(id string) *storev1.SetCommunicationSettingRequest {
	return &storev1.SetCommunicationSettingRequest{
		Channel: "sms", Mode: "byoc", Address: own, State: "tested",
		Credential: &bucketv1.Credential{
			Id: id, Provider: "lines", ProviderAccount: "AC1", Values: map[string]string{"account": "AC1"},
			Secrets: map[string]*bucketv1.SealedSecret{"token": {Sealed: []byte("sealed"), Last4: "cdef", Fingerprint: "f1"}},
		},
		Actor: &storev1.Actor{Kind: "session", Id: "u1", Remote: "192.0.2.1"},
	}
}

func byPlatform(kind string) *storev1.SetCommunicationSettingRequest {
	return &storev1.SetCommunicationSettingRequest{
		Channel: kind, Mode: "platform", Actor: &storev1.Actor{Kind: "session", Id: "u1"},
	}
}

func (b bundle) set(t *testing.T, ws workspace.ID, request *storev1.SetCommunicationSettingRequest) *storev1.SetCommunicationSettingResponse {
	t.Helper()
	response, err := b.settings.Set(t.Context(), ws, request)
	require.NoError(t, err)
	return response
}

// routes are the workspace's, by provider and channel.
func (b bundle) routes(t *testing.T, ws workspace.ID) map[string]*bucketv1.Route {
	t.Helper()
	routes := map[string]*bucketv1.Route{}
	for _, value := range b.Keys(t, event.BucketRoutes) {
		route := &bucketv1.Route{}
		require.NoError(t, proto.Unmarshal([]byte(value), route))
		if route.GetWorkspaceId() == ws.String() {
			routes[route.GetProvider()+"/"+route.GetChannel()] = route
		}
	}
	return routes
}

func (b bundle) requireRebuildable(t *testing.T) {
	t.Helper()
	counts, err := rebuild.Buckets(t.Context(), b.DB, b.Bus, b.Logger, event.BucketRoutes, event.BucketCredentials)
	require.NoError(t, err)
	for _, count := range counts {
		require.Zero(t, count.Put+count.Removed, count.Bucket)
	}
}

func (b bundle) actions(t *testing.T, ws workspace.ID) []string {
	t.Helper()
	response, err := audit.New(b.DB).List(t.Context(), ws, &storev1.ListAuditRequest{})
	require.NoError(t, err)
	var actions []string
	for _, entry := range response.GetEntries() {
		require.Equal(t, "u1", entry.GetActor().GetId())
		actions = append(actions, entry.GetAction())
	}
	return actions
}

func TestAChannelGoesByTheOwnAccountAndBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.signUp(t)
	require.True(t, b.routes(t, ws)["phones/sms"].GetIsDefault())
	id := uuid.NewString()

	for range 2 { // the second time changes nothing
		set := b.set(t, ws, byOwn(id))
		require.Equal(t, "byoc", set.GetSetting().GetMode())
		require.Equal(t, "cdef", set.GetCredential().GetCredential().GetSecrets()["token"].GetLast4())
		require.Empty(t, set.GetCredential().GetCredential().GetSecrets()["token"].GetSealed(), "nothing sealed is told")
	}
	require.Equal(t, []string{"communication_setting.changed", "credential.added"}, b.actions(t, ws))
	routes := b.routes(t, ws)
	require.False(t, routes["phones/sms"].GetIsDefault())
	require.True(t, routes["phones/call"].GetIsDefault(), "another channel stays where it is")
	require.True(t, routes["lines/sms"].GetIsDefault())
	require.Equal(t, id, routes["lines/sms"].GetCredentialId())
	require.Equal(t, "AC1", routes["lines/sms"].GetProviderAccount())
	held := &bucketv1.Credential{}
	require.NoError(t, proto.Unmarshal([]byte(b.Keys(t, event.BucketCredentials)[event.CredentialKey(ws, id)]), held))
	require.Equal(t, "sealed", string(held.GetSecrets()["token"].GetSealed()))
	require.GreaterOrEqual(t, len(held.GetToken()), 26)
	b.requireRebuildable(t)

	renewed := byOwn(id)
	renewed.Credential.Values = nil
	renewed.Credential.Secrets["token"] = &bucketv1.SealedSecret{Sealed: []byte("other"), Last4: "0123", Fingerprint: "f2"}
	b.set(t, ws, renewed)
	again := &bucketv1.Credential{}
	require.NoError(t, proto.Unmarshal([]byte(b.Keys(t, event.BucketCredentials)[event.CredentialKey(ws, id)]), again))
	require.Equal(t, "other", string(again.GetSecrets()["token"].GetSealed()))
	require.Equal(t, "AC1", again.GetValues()["account"], "what is left out stays")
	require.Equal(t, held.GetToken(), again.GetToken(), "webhooks keep their address")

	require.Equal(t, "phones", b.set(t, ws, byPlatform("sms")).GetSetting().GetProvider())
	require.True(t, b.routes(t, ws)["phones/sms"].GetIsDefault())
	require.False(t, b.routes(t, ws)["lines/sms"].GetIsDefault(), "its conversations go on there")
	b.requireRebuildable(t)
	require.Equal(t, []string{
		"communication_setting.changed", "communication_setting.changed", "credential.replaced",
		"communication_setting.changed", "credential.added",
	}, b.actions(t, ws))
}

func TestARemovedCredentialLeavesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.signUp(t)
	b.set(t, ws, byOwn(uuid.NewString()))
	chat := byOwn(b.list(t, ws).GetCredentials()[0].GetCredential().GetId())
	chat.Channel = "whatsapp"
	b.set(t, ws, chat)

	remove := &storev1.RemoveCredentialRequest{Provider: "lines", Actor: &storev1.Actor{Kind: "api_key", Id: "u1"}}
	_, err := b.settings.Remove(t.Context(), ws, remove)
	require.NoError(t, err)
	require.Empty(t, b.Keys(t, event.BucketCredentials))
	require.True(t, b.routes(t, ws)["phones/sms"].GetIsDefault())
	require.NotContains(t, b.routes(t, ws), "lines/sms")
	require.NotContains(t, b.routes(t, ws), "lines/whatsapp")
	for _, left := range b.list(t, ws).GetSettings() {
		require.Equal(t, "platform", left.GetMode())
		require.NotEqual(t, "whatsapp", left.GetChannel(), "the platform has none")
	}
	b.requireRebuildable(t)
	_, err = b.settings.Remove(t.Context(), ws, remove)
	storetest.RequireRefusal(t, err, bus.CodeNotFound, "")

	other := b.signUp(t)
	b.set(t, other, byOwn(uuid.NewString())) // the address is free
}

func (b bundle) list(t *testing.T, ws workspace.ID) *storev1.ListCommunicationSettingsResponse {
	t.Helper()
	response, err := b.settings.List(t.Context(), ws, &storev1.ListCommunicationSettingsRequest{})
	require.NoError(t, err)
	return response
}

func TestWhatCannotBeSetIsRefusedWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, neighbour := b.signUp(t), b.signUp(t)
	id := uuid.NewString()
	b.set(t, ws, byOwn(id))

	for name, refused := range map[string]struct {
		change func(r *storev1.SetCommunicationSettingRequest)
		code   string
		field  string
	}{
		"an address of another workspace": {func(*storev1.SetCommunicationSettingRequest) {}, bus.CodeConflict, "address"},
		"no channel":                      {func(r *storev1.SetCommunicationSettingRequest) { r.Channel = "pigeon" }, bus.CodeInvalid, "channel"},
		"no mode":                         {func(r *storev1.SetCommunicationSettingRequest) { r.Mode = "" }, bus.CodeInvalid, "mode"},
		"no provider":                     {func(r *storev1.SetCommunicationSettingRequest) { r.Credential.Provider = "" }, bus.CodeInvalid, "provider"},
		"no address":                      {func(r *storev1.SetCommunicationSettingRequest) { r.Address = "ann@example.com" }, bus.CodeInvalid, "address"},
		"a credential without an id":      {func(r *storev1.SetCommunicationSettingRequest) { r.Credential.Id = "1" }, bus.CodeInvalid, "credential"},
		"a channel the platform lacks":    {func(r *storev1.SetCommunicationSettingRequest) { r.Channel, r.Mode = "email", "platform" }, bus.CodeConflict, "mode"},
		"more fields than a credential has": {func(r *storev1.SetCommunicationSettingRequest) {
			r.Credential.Secrets["token"].Sealed = make([]byte, 70<<10)
		}, bus.CodeInvalid, "credential"},
	} {
		t.Log(name)
		request := byOwn(uuid.NewString())
		refused.change(request)
		_, err := b.settings.Set(t.Context(), neighbour, request)
		storetest.RequireRefusal(t, err, refused.code, refused.field)
	}
	require.Empty(t, b.list(t, neighbour).GetCredentials(), "nothing is half kept")
	require.Empty(t, b.actions(t, neighbour))

	elsewhere := byOwn(id)
	elsewhere.Credential.ProviderAccount = "AC2"
	_, err := b.settings.Set(t.Context(), ws, elsewhere)
	storetest.RequireRefusal(t, err, bus.CodeConflict, "credential")
	_, err = b.settings.Set(t.Context(), ws, byOwn(uuid.NewString()))
	storetest.RequireRefusal(t, err, bus.CodeConflict, "credential")
}

func TestASecretSealedAnewTakesThePlaceOfWhatItReplacesAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var homes []workspace.ID
	for i := range 12 { // more than a page
		ws := b.signUp(t)
		homes = append(homes, ws)
		request := byOwn(uuid.NewString())
		request.Address, request.Credential.ProviderAccount = fmt.Sprintf("+141555501%02d", i), fmt.Sprintf("AC%d", i)
		b.set(t, ws, request)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Bus.Serve(ctx, "store", b.settings.Endpoints()) }()
	ask := func(ws workspace.ID, verb string, request, response proto.Message) error {
		return b.Bus.Ask(t.Context(), event.AskSubject(ws, "sealed-credential", verb), request, response)
	}
	listed := map[string]*bucketv1.Credential{}
	list := &operatorv1.ListSealedCredentialsRequest{}
	require.Eventually(t, func() bool {
		var page operatorv1.ListSealedCredentialsResponse
		if ask(workspace.ID{}, "list", list, &page) != nil {
			return false // nobody answers yet
		}
		for _, each := range page.GetCredentials() {
			listed[each.GetWorkspaceId()] = each
		}
		list.After = page.GetNext()
		return list.GetAfter() == ""
	}, 10*time.Second, time.Millisecond)
	require.Len(t, listed, len(homes))
	require.Error(t, ask(workspace.ID{}, "list", &operatorv1.ListSealedCredentialsRequest{After: "x"}, &operatorv1.ListSealedCredentialsResponse{}))

	ws, other := homes[0], homes[1]
	before := listed[ws.String()]
	replace := func(ws workspace.ID, id, before, after string) bool {
		var response operatorv1.ReplaceSealedResponse
		require.NoError(t, ask(ws, "replace", &operatorv1.ReplaceSealedRequest{
			CredentialId: id, Secrets: []*operatorv1.ReplacedSecret{{Field: "token", Before: []byte(before), After: []byte(after)}},
		}, &response))
		return response.GetReplaced()
	}
	require.False(t, replace(ws, before.GetId(), "another", "again"), "what was entered meanwhile stays")
	require.False(t, replace(other, before.GetId(), "sealed", "again"), "it is another workspace's")
	require.False(t, replace(ws, before.GetId(), "sealed", ""))
	require.True(t, replace(ws, before.GetId(), "sealed", "again"))
	require.False(t, replace(ws, before.GetId(), "sealed", "again"), "once")
	key := event.CredentialKey(ws, before.GetId())
	require.Eventually(t, func() bool {
		kept := &bucketv1.Credential{}
		require.NoError(t, proto.Unmarshal([]byte(b.Keys(t, event.BucketCredentials)[key]), kept))
		secret := kept.GetSecrets()["token"]
		return string(secret.GetSealed()) == "again" && secret.GetLast4() == "cdef" && kept.GetValues()["account"] == "AC1"
	}, 10*time.Second, time.Millisecond)
	b.requireRebuildable(t)
	stop()
	require.NoError(t, <-ended)
}
