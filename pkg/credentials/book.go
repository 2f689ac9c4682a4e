// Package credentials knows the workspaces' own credentials, opened, from a local copy of the bucket. Only the services that
// call providers or prove webhooks have it.
package credentials

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

var (
	// ErrNone is returned for a credential that is not there.
	ErrNone = errors.New("no such credential")
	// ErrWrongKeys is returned by Follow when credentials are sealed with keys that are not among ours.
	ErrWrongKeys = errors.New("the sealing keys are not those that credentials are sealed with")
	// ErrNoKeys is returned for a credential when there are no keys to open it.
	ErrNoKeys = errors.New("there are no sealing keys")
)

// Credential is a workspace's own account at a provider, opened. It is shared: nobody changes it.
type Credential struct {
	Workspace string
	ID        string
	Provider  string
	// Account is what its channel accounts name as the provider's account.
	Account string
	// Token is the last part of the address its webhooks are sent to.
	Token  string
	Values channel.Credential

	sealed *bucketv1.Credential
}

// Book is safe for concurrent use.
type Book struct {
	opener   atomic.Pointer[seal.Opener]
	registry *channel.Registry
	lookup   func(string) (string, bool)
	mirror   *bus.Mirror[*bucketv1.Credential]

	mu      sync.Mutex
	opened  map[string]*Credential // by key of the bucket
	tokens  map[string]string      // token -> key of the bucket
	tokenOf map[string]string      // key of the bucket -> token
}

// Follow loads the credentials and keeps them current until Stop. Without an opener there are none. lookup finds what the
// operator decides for every credential, as channel.PlatformAccounts does. It returns ErrWrongKeys.
func Follow(
	ctx context.Context, b *bus.Bus, opener *seal.Opener, registry *channel.Registry, lookup func(string) (string, bool),
) (*Book, error) {
	bucket, err := b.Bucket(ctx, event.BucketCredentials)
	if err != nil {
		return nil, fmt.Errorf("opening the credentials: %w", err)
	}
	book := &Book{
		registry: registry, lookup: lookup,
		opened: map[string]*Credential{}, tokens: map[string]string{}, tokenOf: map[string]string{},
	}
	book.mirror, err = bus.NewMirror(ctx, bucket, func() *bucketv1.Credential { return &bucketv1.Credential{} }, book.apply)
	if err != nil {
		return nil, fmt.Errorf("loading the credentials: %w", err)
	}
	if opener == nil {
		return book, nil
	}
	if err := book.Use(opener); err != nil {
		book.Stop()
		return nil, err
	}
	return book, nil
}

// Use opens credentials with these keys from now on. It returns ErrWrongKeys, and goes on as before, when some are sealed
// with a key that is not among them. A credential that does not open although its key is here is damaged: that is its
// workspace's trouble alone.
func (b *Book) Use(opener *seal.Opener) error {
	for key, sealed := range b.mirror.All() {
		for field, secret := range sealed.GetSecrets() {
			if !opener.Knows(secret.GetSealed()) {
				return fmt.Errorf("%w: %s of credential %s", ErrWrongKeys, field, key)
			}
		}
	}
	b.opener.Store(opener)
	return nil
}

// Stop ends following.
func (b *Book) Stop() { b.mirror.Stop() }

// Find is a workspace's credential. It returns ErrNone, ErrNoKeys or seal.ErrSealed.
func (b *Book) Find(ws workspace.ID, id string) (*Credential, error) {
	return b.open(event.CredentialKey(ws, id))
}

// Completed is a credential with the fields that it leaves out as they are saved under its id.
func (b *Book) Completed(ws workspace.ID, given *bucketv1.Credential) *bucketv1.Credential {
	whole := &bucketv1.Credential{}
	if saved, ok := b.mirror.Get(event.CredentialKey(ws, given.GetId())); ok && saved.GetProvider() == given.GetProvider() {
		whole = proto.CloneOf(saved)
	}
	proto.Merge(whole, given)
	whole.WorkspaceId = ws.String()
	return whole
}

// ByToken is the credential of a provider whose webhooks come to the token.
func (b *Book) ByToken(provider, token string) (*Credential, error) {
	b.mu.Lock()
	key, ok := b.tokens[token]
	b.mu.Unlock()
	if !ok {
		return nil, ErrNone
	}
	found, err := b.open(key)
	if err == nil && found.Provider != provider {
		return nil, ErrNone
	}
	return found, err
}

func (b *Book) open(key string) (*Credential, error) {
	sealed, ok := b.mirror.Get(key)
	if !ok {
		return nil, ErrNone
	}
	b.mu.Lock()
	known := b.opened[key]
	b.mu.Unlock()
	if known != nil && known.sealed == sealed {
		return known, nil
	}
	opened, err := b.Open(sealed)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opened[key] = opened
	return opened, nil
}

// Open opens a credential, whether or not it is in the bucket.
func (b *Book) Open(sealed *bucketv1.Credential) (*Credential, error) {
	opener := b.opener.Load()
	if opener == nil {
		return nil, ErrNoKeys
	}
	ws, err := workspace.ParseID(sealed.GetWorkspaceId())
	if err != nil {
		return nil, fmt.Errorf("reading a credential: %w", err)
	}
	opened := &Credential{
		Workspace: sealed.GetWorkspaceId(), ID: sealed.GetId(), Provider: sealed.GetProvider(),
		Account: sealed.GetProviderAccount(), Token: sealed.GetToken(), Values: channel.Credential{}, sealed: sealed,
	}
	for _, field := range b.registry.Description(sealed.GetProvider()).Fields {
		value, err := b.value(field, sealed, ws, opener)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", field.Name, err)
		}
		if value != "" {
			opened.Values[field.Name] = value
		}
	}
	return opened, nil
}

// Reseal is every secret of a credential that another key sealed than the one that seals now, sealed anew. It returns
// ErrNoKeys, ErrWrongKeys or seal.ErrSealed.
func (b *Book) Reseal(ws workspace.ID, given *bucketv1.Credential) (map[string][]byte, error) {
	opener := b.opener.Load()
	if opener == nil {
		return nil, ErrNoKeys
	}
	again := map[string][]byte{}
	for field, secret := range given.GetSecrets() {
		sealed := secret.GetSealed()
		if !opener.Knows(sealed) {
			return nil, fmt.Errorf("%w: %s", ErrWrongKeys, field)
		}
		if !opener.Outdated(sealed) {
			continue
		}
		text, err := opener.Reseal(sealed, seal.Place{Workspace: ws, Credential: given.GetId(), Field: field})
		if err != nil {
			return nil, fmt.Errorf("sealing %s anew: %w", field, err)
		}
		again[field] = text
	}
	return again, nil
}

func (b *Book) value(field channel.Field, from *bucketv1.Credential, ws workspace.ID, opener *seal.Opener) (string, error) {
	switch {
	case field.Platform:
		value, _ := b.lookup(field.Env)
		return value, nil
	case !field.Secret:
		return from.GetValues()[field.Name], nil
	case from.GetSecrets()[field.Name] == nil:
		return "", nil
	default:
		place := seal.Place{Workspace: ws, Credential: from.GetId(), Field: field.Name}
		return opener.Open(from.GetSecrets()[field.Name].GetSealed(), place)
	}
}

func (b *Book) apply(key string, sealed *bucketv1.Credential, deleted bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.tokens, b.tokenOf[key])
	delete(b.tokenOf, key)
	delete(b.opened, key)
	if !deleted {
		b.tokens[sealed.GetToken()], b.tokenOf[key] = key, sealed.GetToken()
	}
}
