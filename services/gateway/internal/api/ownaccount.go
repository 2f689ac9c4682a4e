package api

import (
	"context"
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// ProviderForm is what a provider asks of who brings an account: the form is drawn from it.
type ProviderForm struct {
	Name         string          `json:"name"`
	Title        string          `json:"title"`
	Channels     []string        `json:"channels" nullable:"false"`
	Experimental []string        `json:"experimental" nullable:"false" doc:"Channels that the provider calls unfinished."`
	Fields       []ProviderField `json:"fields" nullable:"false"`
}

// ProviderField is one value of a credential.
type ProviderField struct {
	Name      string `json:"name"`
	Label     string `json:"label"`
	Help      string `json:"help"`
	Secret    bool   `json:"secret" doc:"It is never told again."`
	Required  bool   `json:"required"`
	AddressOf string `json:"addressOf,omitempty" doc:"The channel whose sending address it is."`
}

// ProviderForms is every provider.
type ProviderForms struct {
	Items []ProviderForm `json:"items" nullable:"false"`
	// OwnAccounts tells whether workspaces may bring accounts.
	OwnAccounts bool `json:"ownAccounts" doc:"Whether this installation keeps accounts of workspaces."`
}

// OwnAccount is the workspace's own account at a provider.
type OwnAccount struct {
	Provider   string            `json:"provider"`
	State      string            `json:"state" enum:"tested,untested"`
	Values     map[string]string `json:"values" nullable:"false" doc:"The fields that are no secrets."`
	Secrets    []KnownSecret     `json:"secrets" nullable:"false"`
	WebhookURL string            `json:"webhookUrl" doc:"What to enter at the provider, so that messages and receipts arrive."`
	UpdatedAt  time.Time         `json:"updatedAt"`
	Held       *AccountHeld      `json:"held,omitempty" doc:"Present while the provider refuses the account: messages wait, and leave when it is mended."`
}

// AccountHeld is why messages wait.
type AccountHeld struct {
	Reason string    `json:"reason" doc:"What the provider said."`
	Since  time.Time `json:"since"`
}

// KnownSecret is what is told of a secret.
type KnownSecret struct {
	Field       string `json:"field"`
	Last4       string `json:"last4,omitempty" doc:"Its last four characters, unless it is short."`
	Fingerprint string `json:"fingerprint" doc:"Another secret has another one."`
}

// OwnAccounts is every account the workspace has brought.
type OwnAccounts struct {
	Items []OwnAccount `json:"items" nullable:"false"`
}

// ChooseAccount chooses whose account a channel goes by.
type ChooseAccount struct {
	Channel        string            `json:"channel" enum:"email,sms,call,whatsapp"`
	Mode           string            `json:"mode" enum:"platform,byoc"`
	Provider       string            `json:"provider,omitempty" maxLength:"64" doc:"With byoc: whose account it is."`
	Credential     map[string]string `json:"credential,omitempty" nullable:"false" doc:"With byoc: fields of the provider. What is left out stays as it is saved."`
	AcceptUntested bool              `json:"acceptUntested,omitempty" doc:"Save also what the provider did not confirm. A key that it refuses is never saved."`
}

// ChosenAccount is whose account a channel goes by.
type ChosenAccount struct {
	Channel  string         `json:"channel"`
	Mode     string         `json:"mode"`
	Provider string         `json:"provider"`
	Account  *OwnAccount    `json:"account,omitempty" doc:"With byoc."`
	Test     *AccountTested `json:"test,omitempty" doc:"With byoc: what the provider said."`
}

// TestAccount asks the provider about fields before they are saved.
type TestAccount struct {
	Channel    string            `json:"channel" enum:"email,sms,call,whatsapp"`
	Provider   string            `json:"provider" maxLength:"64"`
	Credential map[string]string `json:"credential,omitempty" nullable:"false" doc:"What is left out is tested as it is saved."`
}

// AccountTested is what the provider said.
type AccountTested struct {
	Verdict        string `json:"verdict" enum:"ok,key_refused,not_allowed,sender_unverified,no_answer"`
	KeyValid       bool   `json:"keyValid"`
	CanSend        bool   `json:"canSend"`
	CanReceive     bool   `json:"canReceive"`
	SenderVerified *bool  `json:"senderVerified,omitempty" doc:"Absent when the provider does not say."`
	Detail         string `json:"detail" doc:"One sentence for a person."`
}

// Verdicts of a test.
const (
	verdictOK         = "ok"
	verdictRefused    = "key_refused"
	verdictNotAllowed = "not_allowed"
	verdictUnverified = "sender_unverified"
	verdictNoAnswer   = "no_answer"
)

type (
	providerFormsOutput struct{ Body ProviderForms }
	ownAccountsOutput   struct{ Body OwnAccounts }
	testAccountInput    struct {
		Idempotent
		Body TestAccount
	}
	testAccountOutput struct {
		Replayable
		Body AccountTested
	}
	chooseAccountInput struct {
		Idempotent
		Body ChooseAccount
	}
	chooseAccountOutput struct {
		Replayable
		Body ChosenAccount
	}
	removeAccountInput struct {
		Idempotent
		Provider string `path:"provider" maxLength:"64"`
	}
	removeAccountOutput struct{ Replayable }
)

func (a *API) registerOwnAccounts() {
	const managers = "Owners and admins only. "
	register(a, protected("list-providers", http.MethodGet, "/api/settings/providers", tagSettings, "What each provider asks for"), a.listProviders)
	register(a, with(protected("list-own-accounts", http.MethodGet, "/api/settings/accounts", tagSettings, "List the workspace's own accounts"),
		http.StatusOK, managers+"Secrets are never told."), a.listOwnAccounts)
	registerOnce(a, with(protected("test-account", http.MethodPost, "/api/settings/communications/test", tagSettings, "Test an own account"),
		http.StatusOK, managers+"Asks the provider, and saves nothing."), a.testAccount)
	registerOnce(a, with(protected("choose-account", http.MethodPut, "/api/settings/communications", tagSettings, "Choose whose account a channel goes by"),
		http.StatusOK, managers+"An own account is tested first. Messages that wait leave by the account they were meant for."), a.chooseAccount)
	registerOnce(a, with(protected("remove-own-account", http.MethodDelete, "/api/settings/accounts/{provider}", tagSettings, "Remove an own account"),
		http.StatusNoContent, managers+"Its channels go by the platform's account again."), a.removeOwnAccount)
}

func (a *API) listProviders(context.Context, *struct{}) (*providerFormsOutput, error) {
	forms := ProviderForms{Items: []ProviderForm{}, OwnAccounts: a.deps.Sealer != nil}
	for _, name := range a.deps.Providers.Names() {
		forms.Items = append(forms.Items, toProviderForm(a.deps.Providers.Description(name)))
	}
	return &providerFormsOutput{Body: forms}, nil
}

func (a *API) listOwnAccounts(ctx context.Context, _ *struct{}) (*ownAccountsOutput, error) {
	if !principalOf(ctx).Manages() {
		return nil, forbidden("Only owners and admins see the workspace's own accounts.")
	}
	saved, err := a.ownAccounts(ctx)
	if err != nil {
		return nil, err
	}
	return &ownAccountsOutput{Body: OwnAccounts{Items: mapped(saved, a.toOwnAccount)}}, nil
}

func (a *API) ownAccounts(ctx context.Context) ([]*storev1.OwnCredential, error) {
	response := &storev1.ListCommunicationSettingsResponse{}
	err := a.ask(ctx, principalOf(ctx).Workspace, "communication-setting", "list", &storev1.ListCommunicationSettingsRequest{}, response)
	return response.GetCredentials(), err
}

func (a *API) testAccount(ctx context.Context, input *testAccountInput) (*testAccountOutput, error) {
	own, err := a.readOwn(ctx, ChooseAccount{
		Channel: input.Body.Channel, Provider: input.Body.Provider, Credential: input.Body.Credential,
	})
	if err != nil {
		return nil, err
	}
	tested, err := a.testOwn(ctx, own.credential)
	if err != nil {
		return nil, err
	}
	return &testAccountOutput{Body: tested}, nil
}

// chooseAccount sets the channel: the second time changes nothing.
func (a *API) chooseAccount(ctx context.Context, input *chooseAccountInput) (*chooseAccountOutput, error) {
	if !principalOf(ctx).Manages() {
		return nil, forbidden("Only owners and admins choose whose account a channel goes by.")
	}
	request := &storev1.SetCommunicationSettingRequest{
		Channel: input.Body.Channel, Mode: input.Body.Mode, Actor: actorOf(ctx),
	}
	var tested *AccountTested
	if input.Body.Mode == modeOwn {
		own, err := a.readOwn(ctx, input.Body)
		if err != nil {
			return nil, err
		}
		result, err := a.testOwn(ctx, own.credential)
		if err != nil {
			return nil, err
		}
		if request.State, err = result.acceptable(input.Body.AcceptUntested); err != nil {
			return nil, err
		}
		request.Credential, request.Address, tested = own.credential, own.address, &result
	}
	response := &storev1.SetCommunicationSettingResponse{}
	if err := a.ask(ctx, principalOf(ctx).Workspace, "communication-setting", "set", request, response); err != nil {
		return nil, err
	}
	chosen := ChosenAccount{
		Channel: response.GetSetting().GetChannel(), Mode: response.GetSetting().GetMode(),
		Provider: response.GetSetting().GetProvider(), Test: tested,
	}
	if response.GetCredential() != nil {
		account := a.toOwnAccount(response.GetCredential())
		chosen.Account = &account
	}
	return &chooseAccountOutput{Body: chosen}, nil
}

func (a *API) removeOwnAccount(ctx context.Context, input *removeAccountInput) (*removeAccountOutput, error) {
	if !principalOf(ctx).Manages() {
		return nil, forbidden("Only owners and admins remove the workspace's own accounts.")
	}
	request := &storev1.RemoveCredentialRequest{Provider: input.Provider, Actor: actorOf(ctx)}
	err := a.ask(ctx, principalOf(ctx).Workspace, "credential", "remove", request, &storev1.RemoveCredentialResponse{})
	if err != nil {
		return nil, err
	}
	return &removeAccountOutput{}, nil
}

// acceptable tells in which state a credential may be saved.
func (t AccountTested) acceptable(untested bool) (state string, err error) {
	switch {
	case t.Verdict == verdictOK:
		return "tested", nil
	case t.Verdict != verdictRefused && untested:
		return "untested", nil
	}
	problem := NewProblem(http.StatusUnprocessableEntity, CodeAccountRefused, t.Detail).at("body.credential", t.Detail)
	problem.Remedy = remedyOf(t.Verdict)
	return "", problem
}

func remedyOf(verdict string) string {
	switch verdict {
	case verdictRefused:
		return "Copy the key anew from the provider's page."
	case verdictNotAllowed:
		return "Give the key the right to send at the provider, or save it as it is."
	case verdictUnverified:
		return "Verify the sender at the provider, or save it as it is."
	default:
		return "Try again in a moment, or save it as it is."
	}
}

func toTested(r *senderv1.CheckCredentialResponse) AccountTested {
	tested := AccountTested{
		Verdict: verdictOK, KeyValid: r.GetKeyValid(), CanSend: r.GetCanSend(), CanReceive: r.GetCanReceive(),
		SenderVerified: r.SenderVerified, Detail: r.GetDetail(),
	}
	switch {
	case !r.GetAnswered():
		tested.Verdict = verdictNoAnswer
	case !r.GetKeyValid():
		tested.Verdict = verdictRefused
	case r.SenderVerified != nil && !r.GetSenderVerified():
		tested.Verdict = verdictUnverified
	case !r.GetCanSend():
		tested.Verdict = verdictNotAllowed
	}
	return tested
}

func (a *API) toOwnAccount(own *storev1.OwnCredential) OwnAccount {
	held := own.GetCredential()
	account := OwnAccount{
		Provider: held.GetProvider(), State: own.GetState(), UpdatedAt: own.GetUpdatedAt().AsTime(),
		Values: map[string]string{}, Secrets: []KnownSecret{},
		WebhookURL: a.deps.WebhookURL + "/api/webhooks/" + held.GetProvider() + "/" + held.GetToken(),
	}
	for _, field := range a.deps.Providers.Description(held.GetProvider()).Fields {
		if secret := held.GetSecrets()[field.Name]; secret != nil {
			account.Secrets = append(account.Secrets, toKnownSecret(field.Name, secret))
		} else if value, ok := held.GetValues()[field.Name]; ok {
			account.Values[field.Name] = value
		}
	}
	account.Held = a.heldOf(held, account.UpdatedAt)
	return account
}

// heldOf is why messages of an account wait. What was refused before the account was changed does not count.
func (a *API) heldOf(credential *bucketv1.Credential, changed time.Time) *AccountHeld {
	ws, err := workspace.ParseID(credential.GetWorkspaceId())
	if err != nil {
		return nil
	}
	held, ok := a.deps.Standing.Held(ws, credential.GetId())
	if !ok || held.GetSince().AsTime().Before(changed) {
		return nil
	}
	return &AccountHeld{Reason: held.GetReason(), Since: held.GetSince().AsTime()}
}

func toKnownSecret(field string, secret *bucketv1.SealedSecret) KnownSecret {
	return KnownSecret{Field: field, Last4: secret.GetLast4(), Fingerprint: secret.GetFingerprint()}
}
