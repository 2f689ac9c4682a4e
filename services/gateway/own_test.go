package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/gateway"
)

const (
	accountsPath = "/api/settings/accounts"
	choosePath   = "/api/settings/communications"
	testPath     = "/api/settings/communications/test"
	planted      = "planted-secret-0123456789"
)

// owned is what store and sender know of own accounts.
type owned struct {
	mu      sync.Mutex
	chosen  []*storev1.SetCommunicationSettingRequest
	checked []*bucketv1.Credential
	removed []string
	saved   *storev1.OwnCredential
	check   *senderv1.CheckCredentialResponse
}

func (s *store) ownEndpoints() []bus.Endpoint {
	o := &s.owned
	o.check = &senderv1.CheckCredentialResponse{Answered: true, KeyValid: true, CanSend: true, Detail: "It works."}
	return []bus.Endpoint{
		answering(s, "communication-setting", "list", func(workspace.ID, *storev1.ListCommunicationSettingsRequest) (proto.Message, error) {
			o.mu.Lock()
			defer o.mu.Unlock()
			response := &storev1.ListCommunicationSettingsResponse{}
			if o.saved != nil {
				response.Credentials = append(response.Credentials, o.saved)
			}
			return response, nil
		}),
		answering(s, "communication-setting", "set", func(_ workspace.ID, r *storev1.SetCommunicationSettingRequest) (proto.Message, error) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.chosen = append(o.chosen, r)
			response := &storev1.SetCommunicationSettingResponse{Setting: &storev1.CommunicationSetting{
				Channel: r.GetChannel(), Mode: r.GetMode(), Provider: "phones", UpdatedAt: timestamppb.Now(),
			}}
			if r.GetMode() == "byoc" {
				kept := proto.CloneOf(r.GetCredential())
				kept.Token = "token-of-webhooks"
				for _, secret := range kept.GetSecrets() {
					secret.Sealed = nil
				}
				o.saved = &storev1.OwnCredential{Credential: kept, State: r.GetState(), UpdatedAt: timestamppb.Now()}
				response.Credential, response.Setting.Provider = o.saved, kept.GetProvider()
			}
			return response, nil
		}),
		answering(s, "credential", "remove", func(_ workspace.ID, r *storev1.RemoveCredentialRequest) (proto.Message, error) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.removed = append(o.removed, r.GetProvider())
			return &storev1.RemoveCredentialResponse{}, nil
		}),
		answering(s, "credential", "check", func(_ workspace.ID, r *senderv1.CheckCredentialRequest) (proto.Message, error) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.checked = append(o.checked, r.GetCredential())
			return o.check, nil
		}),
		answering(s, "audit", "list", func(workspace.ID, *storev1.ListAuditRequest) (proto.Message, error) {
			return &storev1.ListAuditResponse{Entries: []*storev1.AuditEntry{{
				Id: "e1", At: timestamppb.New(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)), Action: "credential.added", Subject: "lines",
				Actor: &storev1.Actor{Kind: "session", Id: "u1", Remote: "192.0.2.1"}, Detail: "tested",
			}}}, nil
		}),
	}
}

// answer sets what the provider says.
func (o *owned) answer(check *senderv1.CheckCredentialResponse) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.check = check
}

// sealed is a gateway that has public keys, with what opens what it seals.
func sealed(t *testing.T) (*gatewayTest, *store, *seal.Opener) {
	t.Helper()
	keys, err := seal.Generate()
	require.NoError(t, err)
	public, err := keys.Public()
	require.NoError(t, err)
	opener, err := keys.Opener()
	require.NoError(t, err)
	g := setup(t, func(c *gateway.Config) {
		c.Sealing.Keys, c.WebhookPublicURL = string(public), "https://hooks.example.com/"
	})
	answering, _ := g.answerQuestions(t)
	return g, answering, opener
}

func ownLines(change ...func(body map[string]any)) map[string]any {
	body := map[string]any{
		"channel": "sms", "mode": "byoc", "provider": "lines",
		"credential": map[string]any{"account": "AC1", "token": planted, "number": "+1 (415) 555-0101"},
	}
	for _, apply := range change {
		apply(body)
	}
	return body
}

func field(name, value string) func(map[string]any) {
	return func(body map[string]any) {
		fields, _ := body["credential"].(map[string]any)
		fields[name] = value
	}
}

func TestOwnAccount_IsTestedSealedAndSaved(t *testing.T) {
	t.Parallel()
	g, answering, opener := sealed(t)
	ada := g.join(t)

	status, body := ada.call(t, http.MethodPut, choosePath, ownLines())
	require.Equal(t, http.StatusOK, status, body)
	require.NotContains(t, body, planted)
	require.Contains(t, body, `"last4":"6789"`)
	require.Contains(t, body, "https://hooks.example.com/api/webhooks/lines/token-of-webhooks")
	answering.owned.mu.Lock()
	saved, tested := answering.owned.chosen[0], answering.owned.checked[0]
	answering.owned.mu.Unlock()
	require.Equal(t, "tested", saved.GetState())
	require.Equal(t, "+14155550101", saved.GetAddress())
	require.Equal(t, "AC1", saved.GetCredential().GetProviderAccount())
	require.Equal(t, map[string]string{"account": "AC1", "number": "+14155550101"}, saved.GetCredential().GetValues())
	require.Equal(t, ada.userID, saved.GetActor().GetId())
	require.NotEmpty(t, saved.GetActor().GetRemote())
	for _, credential := range []*bucketv1.Credential{saved.GetCredential(), tested} {
		opened, err := opener.Open(credential.GetSecrets()["token"].GetSealed(),
			seal.Place{Workspace: ada.workspace, Credential: credential.GetId(), Field: "token"})
		require.NoError(t, err)
		require.Equal(t, planted, opened)
		require.NotContains(t, credential.String(), planted)
	}
	status, body = ada.call(t, http.MethodGet, accountsPath, nil)
	require.Equal(t, http.StatusOK, status)
	require.NotContains(t, body, planted)
	require.Contains(t, body, `"last4":"6789"`)
	require.NotContains(t, g.logs.String(), planted)

	// Calls go by the same account: nothing has to be entered again.
	status, body = ada.call(t, http.MethodPut, choosePath, map[string]any{"channel": "call", "mode": "byoc", "provider": "lines"})
	require.Equal(t, http.StatusOK, status, body)
	answering.owned.mu.Lock()
	defer answering.owned.mu.Unlock()
	require.Equal(t, "+14155550101", answering.owned.chosen[1].GetAddress())
	require.Equal(t, saved.GetCredential().GetId(), answering.owned.chosen[1].GetCredential().GetId())
	require.Equal(t, "AC1", answering.owned.chosen[1].GetCredential().GetProviderAccount())
	require.Empty(t, answering.owned.chosen[1].GetCredential().GetSecrets())
}

func TestOwnAccount_WhatTheProviderDoesNotConfirmIsSavedOnlyWhenAskedTo(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]struct {
		check   *senderv1.CheckCredentialResponse
		verdict string
		savable bool
	}{
		"key": {&senderv1.CheckCredentialResponse{Answered: true, Detail: "Lines does not know this key."}, "key_refused", false},
		"sender": {&senderv1.CheckCredentialResponse{
			Answered: true, KeyValid: true, SenderVerified: new(bool), Detail: "The key works, this number is not verified.",
		}, "sender_unverified", true},
		"scope":  {&senderv1.CheckCredentialResponse{Answered: true, KeyValid: true, Detail: "The key may not send."}, "not_allowed", true},
		"answer": {&senderv1.CheckCredentialResponse{Detail: "The provider does not answer."}, "no_answer", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, answering, _ := sealed(t)
			ada := g.join(t)
			answering.owned.answer(said.check)
			asked := ownLines()
			delete(asked, "mode")
			status, body := ada.call(t, http.MethodPost, testPath, asked)
			require.Equal(t, http.StatusOK, status, body)
			var tested struct{ Verdict, Detail string }
			require.NoError(t, json.Unmarshal([]byte(body), &tested))
			require.Equal(t, said.verdict, tested.Verdict)
			require.Equal(t, said.check.GetDetail(), tested.Detail)

			status, body = ada.call(t, http.MethodPut, choosePath, ownLines())
			require.Equal(t, http.StatusUnprocessableEntity, status)
			require.Contains(t, body, `"code":"account_refused"`)
			require.Contains(t, body, said.check.GetDetail())
			require.Contains(t, body, `"remedy":`)
			require.Empty(t, answering.owned.chosen, "nothing is half saved")

			status, body = ada.call(t, http.MethodPut, choosePath, ownLines(func(b map[string]any) { b["acceptUntested"] = true }))
			if !said.savable {
				require.Equal(t, http.StatusUnprocessableEntity, status, "a key that is refused is never saved")
				return
			}
			require.Equal(t, http.StatusOK, status, body)
			require.Equal(t, "untested", answering.owned.chosen[0].GetState())
		})
	}
}

func TestOwnAccount_BadInputIsNamed(t *testing.T) {
	t.Parallel()
	g, answering, _ := sealed(t)
	ada := g.join(t)
	for name, wrong := range map[string]struct {
		body  map[string]any
		field string
	}{
		"no such provider":                {ownLines(func(b map[string]any) { b["provider"] = "nobody" }), "provider"},
		"another channel":                 {ownLines(func(b map[string]any) { b["channel"] = "email" }), "provider"},
		"half-filled":                     {ownLines(field("token", " ")), "credential.token"},
		"a field of another provider":     {ownLines(field("api_key", "SG.x")), "credential.api_key"},
		"what the operator decides":       {ownLines(field("base_url", "http://169.254.169.254")), "credential.base_url"},
		"no number":                       {ownLines(field("number", "ann@example.com")), "credential.number"},
		"a control character":             {ownLines(field("token", "a\nb")), "credential.token"},
		"a value that is longer than any": {ownLines(field("token", string(make([]byte, 9000)))), "credential.token"},
	} {
		status, body := ada.call(t, http.MethodPut, choosePath, wrong.body)
		require.Equal(t, http.StatusUnprocessableEntity, status, name+body)
		require.Contains(t, body, `"field":"`+wrong.field+`"`, name)
		require.NotContains(t, body, planted)
	}
	require.Empty(t, answering.owned.checked, "nobody is called for it")
	require.Empty(t, answering.owned.chosen)
}

func TestOwnAccount_IsForOwnersAndAdmins(t *testing.T) {
	t.Parallel()
	g, answering, _ := sealed(t)
	ada := g.join(t)
	agent := *ada
	agent.token, agent.userID = "token-"+uuid.NewString(), uuid.NewString()
	g.putPrincipal(t, agent.token, &bucketv1.Principal{
		Kind: "session", Id: uuid.NewString(), WorkspaceId: ada.workspace.String(), UserId: agent.userID, Role: "agent",
		ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
	})
	for _, ask := range []struct {
		method, path string
		body         any
	}{
		{http.MethodGet, accountsPath, nil},
		{http.MethodPut, choosePath, ownLines()},
		{http.MethodPut, choosePath, map[string]any{"channel": "sms", "mode": "platform"}},
		{http.MethodPost, testPath, map[string]any{"channel": "sms", "provider": "lines"}},
		{http.MethodDelete, accountsPath + "/lines", nil},
		{http.MethodGet, "/api/audit", nil},
	} {
		status, body := agent.call(t, ask.method, ask.path, ask.body)
		require.Equal(t, http.StatusForbidden, status, ask.path+body)
	}
	require.Empty(t, answering.owned.chosen)
	status, body := ada.call(t, http.MethodGet, "/api/audit", nil)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"items":[{"id":"e1","at":"2026-03-04T05:06:07Z","by":{"kind":"session","id":"u1"},"remote":"192.0.2.1",
		"action":"credential.added","subject":"lines","detail":"tested"}]}`, body)
	status, _ = ada.call(t, http.MethodDelete, accountsPath+"/lines", nil)
	require.Equal(t, http.StatusNoContent, status)
	require.Equal(t, []string{"lines"}, answering.owned.removed)
}

func TestOwnAccount_WithoutKeysThereIsNone(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.answerQuestions(t)
	ada := g.join(t)
	status, body := ada.call(t, http.MethodPut, choosePath, ownLines())
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, body, "own_accounts_off")
	_, body = ada.call(t, http.MethodGet, "/api/settings/providers", nil)
	require.Contains(t, body, `"ownAccounts":false`)
	require.Contains(t, body, `{"name":"number","label":"Number","help":"","secret":false,"required":true,"addressOf":"sms"}`)
	require.NotContains(t, body, "base_url")
}

func TestOwnAccount_OneThatIsRefusedSaysSinceWhen(t *testing.T) {
	t.Parallel()
	g, answering, _ := sealed(t)
	ada := g.join(t)
	status, body := ada.call(t, http.MethodPut, choosePath, ownLines())
	require.Equal(t, http.StatusOK, status, body)
	answering.owned.mu.Lock()
	id := answering.owned.chosen[0].GetCredential().GetId()
	answering.owned.mu.Unlock()
	hold := func(since time.Time) {
		g.put(t, event.BucketHeld, event.CredentialKey(ada.workspace, id), &bucketv1.HeldCredential{
			WorkspaceId: ada.workspace.String(), CredentialId: id, Reason: "Authenticate", Since: timestamppb.New(since),
		})
	}
	tells := func(want bool) {
		require.Eventually(t, func() bool {
			_, body := ada.call(t, http.MethodGet, accountsPath, nil)
			return strings.Contains(body, `"held":{"reason":"Authenticate"`) == want
		}, 10*time.Second, time.Millisecond)
	}
	tells(false)
	hold(time.Now().Add(time.Minute))
	tells(true)
	hold(time.Now().Add(-time.Hour))
	tells(false) // the account has been changed since
}
