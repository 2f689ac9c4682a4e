package channel

import (
	"fmt"
	"slices"
	"strings"
)

// PlatformAccount is the platform's own credential at a provider, read from the environment.
type PlatformAccount struct {
	Provider   string
	Account    string
	Channels   []Kind
	Credential Credential
	// Addresses is the platform's sending address by channel, normalised, where one is set.
	Addresses map[Kind]string
}

// PlatformAccounts reads the platform's credentials through lookup (os.LookupEnv in production), by the variables the
// providers' descriptions name. A provider without any of its required values is left out; one with only some of them
// is an error naming the missing variable.
func PlatformAccounts(registry *Registry, lookup func(string) (string, bool)) ([]PlatformAccount, error) {
	var accounts []PlatformAccount
	for _, name := range registry.Names() {
		provider, _ := registry.Provider(name)
		account, found, err := platformAccount(provider.Describe(), lookup)
		if err != nil {
			return nil, err
		}
		if found {
			accounts = append(accounts, account)
		}
	}
	return accounts, nil
}

// PlatformAccountFor is the first account that serves the channel.
func PlatformAccountFor(accounts []PlatformAccount, kind Kind) (PlatformAccount, bool) {
	at := slices.IndexFunc(accounts, func(a PlatformAccount) bool { return slices.Contains(a.Channels, kind) })
	if at < 0 {
		return PlatformAccount{}, false
	}
	return accounts[at], true
}

func platformAccount(description Description, lookup func(string) (string, bool)) (PlatformAccount, bool, error) {
	account := PlatformAccount{
		Provider: description.Name, Channels: description.Channels,
		Credential: Credential{}, Addresses: map[Kind]string{},
	}
	missing, found := "", false
	for _, field := range description.Fields {
		value, _ := lookup(field.Env)
		value = strings.TrimSpace(value)
		if value == "" {
			if field.Required && missing == "" {
				missing = field.Env
			}
			continue
		}
		found = found || field.Required
		if err := account.set(field, value); err != nil {
			return PlatformAccount{}, false, fmt.Errorf("configuring %s: %s: %w", description.Name, field.Env, err)
		}
	}
	if !found {
		return PlatformAccount{}, false, nil
	}
	if missing != "" {
		return PlatformAccount{}, false, fmt.Errorf("configuring %s: %s is not set", description.Name, missing)
	}
	if account.Addresses[Call] == "" && account.Addresses[SMS] != "" && slices.Contains(account.Channels, Call) {
		account.Addresses[Call] = account.Addresses[SMS] // the number of the texts is called as well
	}
	account.Channels = slices.DeleteFunc(slices.Clone(description.Channels), func(kind Kind) bool {
		return slices.Contains(description.Experimental, kind) && account.Addresses[kind] == ""
	})
	return account, true, nil
}

func (a *PlatformAccount) set(field Field, value string) error {
	a.Credential[field.Name] = value
	if field.Account {
		a.Account = value
	}
	if field.AddressOf == "" {
		return nil
	}
	address, err := NormalizeAddress(field.AddressOf, value)
	a.Addresses[field.AddressOf] = address
	return err
}
