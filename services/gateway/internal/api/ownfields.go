package api

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// modeOwn is the mode of a channel that goes by the workspace's own account.
const modeOwn = "byoc"

// maxField bounds one value of a credential, in bytes.
const maxField = 8 << 10

// ownFields are the checked fields of an own account, its secrets sealed, and the address the channel sends from.
type ownFields struct {
	credential *bucketv1.Credential
	address    string
}

// readOwn checks the fields for a channel: those given, over those saved. Nothing that is given leaves here in clear but
// what is no secret.
func (a *API) readOwn(ctx context.Context, body ChooseAccount) (*ownFields, error) {
	principal := principalOf(ctx)
	if !principal.Manages() {
		return nil, forbidden("Only owners and admins bring accounts.")
	}
	if a.deps.Sealer == nil {
		return nil, NewProblem(http.StatusUnprocessableEntity, CodeOwnAccountsOff,
			"This installation keeps no accounts of workspaces: its operator has set no sealing keys.")
	}
	about, err := a.providerFor(body)
	if err != nil {
		return nil, err
	}
	saved, err := a.saved(ctx, body.Provider)
	if err != nil {
		return nil, err
	}
	if err := checkFields(about, body.Credential, saved); err != nil {
		return nil, err
	}
	own := &ownFields{credential: &bucketv1.Credential{
		WorkspaceId: principal.Workspace.String(), Id: saved.GetId(), Provider: about.Name,
		Values: map[string]string{}, Secrets: map[string]*bucketv1.SealedSecret{},
	}}
	if err := a.takeOver(own, about, body, saved); err != nil {
		return nil, err
	}
	own.address, err = addressOf(about, channel.Kind(body.Channel), own.credential.GetValues(), saved.GetValues())
	return own, err
}

// providerFor is the provider, which has to serve the channel.
func (a *API) providerFor(body ChooseAccount) (channel.Description, error) {
	if _, known := a.deps.Providers.Provider(body.Provider); !known {
		return channel.Description{}, invalid("provider", "is no provider")
	}
	about := a.deps.Providers.Description(body.Provider)
	if !slices.Contains(about.Channels, channel.Kind(body.Channel)) {
		return channel.Description{}, invalid("provider", about.Title+" does not serve this channel")
	}
	return about, nil
}

// saved is the credential there is at the provider, or one without fields and a new id.
func (a *API) saved(ctx context.Context, provider string) (*bucketv1.Credential, error) {
	accounts, err := a.ownAccounts(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(accounts, func(own *storev1.OwnCredential) bool { return own.GetCredential().GetProvider() == provider })
	if at >= 0 {
		return accounts[at].GetCredential(), nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	return &bucketv1.Credential{Id: id.String()}, nil
}

// checkFields refuses what is no field of the provider, what cannot be a value, and what is missing.
func checkFields(about channel.Description, given map[string]string, saved *bucketv1.Credential) error {
	known := map[string]channel.Field{}
	for _, field := range about.Fields {
		if !field.Platform {
			known[field.Name] = field
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := known[name]; !ok {
			return invalid("credential."+name, "is no field of "+about.Title)
		}
		if value := given[name]; len(value) > maxField || strings.ContainsFunc(value, unicode.IsControl) {
			return invalid("credential."+name, "holds a control character, or is too long")
		}
	}
	for _, field := range about.Fields {
		has := strings.TrimSpace(given[field.Name]) != "" || saved.GetSecrets()[field.Name] != nil || saved.GetValues()[field.Name] != ""
		if field.Required && !field.Platform && !has {
			return invalid("credential."+field.Name, field.Label+" is missing")
		}
	}
	return nil
}

// takeOver takes the given values over, and seals those that are secrets.
func (a *API) takeOver(own *ownFields, about channel.Description, body ChooseAccount, saved *bucketv1.Credential) error {
	own.credential.ProviderAccount = saved.GetProviderAccount()
	for _, field := range about.Fields {
		value := strings.TrimSpace(body.Credential[field.Name])
		if value == "" || field.Platform {
			continue
		}
		if err := a.takeField(own.credential, field, value); err != nil {
			return err
		}
	}
	return nil
}

func (a *API) takeField(into *bucketv1.Credential, field channel.Field, value string) (err error) {
	if field.Secret {
		into.Secrets[field.Name], err = a.sealed(into, field.Name, value)
		return err
	}
	if field.AddressOf != "" {
		if value, err = channel.NormalizeAddress(field.AddressOf, value); err != nil {
			return invalid("credential."+field.Name, addressHint(field.AddressOf))
		}
	}
	if field.Account {
		into.ProviderAccount = value
	}
	into.Values[field.Name] = value
	return nil
}

func (a *API) sealed(credential *bucketv1.Credential, field, secret string) (*bucketv1.SealedSecret, error) {
	ws, err := workspace.ParseID(credential.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	place := seal.Place{Workspace: ws, Credential: credential.GetId(), Field: field}
	sealed, err := a.deps.Sealer.Seal(secret, place)
	if err != nil {
		return nil, err
	}
	return &bucketv1.SealedSecret{Sealed: sealed, Last4: seal.Last4(secret), Fingerprint: seal.Fingerprint(secret, place)}, nil
}

// addressOf is where the channel sends from. Calls leave from the number of the texts, unless there is another.
func addressOf(about channel.Description, kind channel.Kind, given, saved map[string]string) (string, error) {
	serves := func(kind channel.Kind) func(channel.Field) bool {
		return func(field channel.Field) bool { return field.AddressOf == kind }
	}
	at := slices.IndexFunc(about.Fields, serves(kind))
	if at < 0 && kind == channel.Call {
		at = slices.IndexFunc(about.Fields, serves(channel.SMS))
	}
	if at < 0 {
		return "", invalid("channel", about.Title+" says no address to send from")
	}
	field := about.Fields[at]
	if address := cmp.Or(given[field.Name], saved[field.Name]); address != "" {
		return address, nil
	}
	return "", invalid("credential."+field.Name, field.Label+" is missing")
}

// testOwn asks the sender, which asks the provider.
func (a *API) testOwn(ctx context.Context, credential *bucketv1.Credential) (AccountTested, error) {
	response := &senderv1.CheckCredentialResponse{}
	request := &senderv1.CheckCredentialRequest{Credential: credential}
	err := a.deps.Bus.Ask(ctx, event.AskSubject(principalOf(ctx).Workspace, "credential", "check"), request, response)
	if errors.Is(err, bus.ErrUnavailable) {
		return AccountTested{}, unavailable(CodeUnavailable, "The account cannot be tested right now. Try again in a moment.", retryStore)
	}
	return toTested(response), err
}

func toProviderForm(about channel.Description) ProviderForm {
	form := ProviderForm{
		Name: about.Name, Title: about.Title, Channels: []string{}, Experimental: []string{}, Fields: []ProviderField{},
	}
	for _, kind := range about.Channels {
		form.Channels = append(form.Channels, string(kind))
	}
	for _, kind := range about.Experimental {
		form.Experimental = append(form.Experimental, string(kind))
	}
	for _, field := range about.Fields {
		if field.Platform {
			continue
		}
		form.Fields = append(form.Fields, ProviderField{
			Name: field.Name, Label: field.Label, Help: field.Help, Secret: field.Secret, Required: field.Required,
			AddressOf: string(field.AddressOf),
		})
	}
	return form
}
