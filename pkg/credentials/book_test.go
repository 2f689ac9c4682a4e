package credentials_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/credentials"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// lines is a provider that is only described.
type lines struct{ channel.Provider }

func (lines) Describe() channel.Description {
	return channel.Description{Name: "lines", Fields: []channel.Field{
		{Name: "account", Account: true},
		{Name: "token", Secret: true},
		{Name: "optional", Secret: true},
		{Name: "base_url", Platform: true, Env: "LINES_BASE_URL"},
	}}
}

func (lines) Connect(channel.Credential, *http.Client) (channel.Connection, error) { return nil, nil }

type bundle struct {
	bus      *bus.Bus
	bucket   *bus.Bucket
	registry *channel.Registry
	keys     *seal.Keys
	ws       workspace.ID
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{bus: bustest.New(t), ws: workspace.NewID()}
	var err error
	b.registry, err = channel.NewRegistry(lines{})
	require.NoError(t, err)
	b.bucket, err = b.bus.Bucket(t.Context(), event.BucketCredentials)
	require.NoError(t, err)
	b.keys, err = seal.Generate()
	require.NoError(t, err)
	return b
}

func (b *bundle) follow(t *testing.T, keys *seal.Keys) (*credentials.Book, error) {
	t.Helper()
	opener, err := keys.Opener()
	require.NoError(t, err)
	book, err := credentials.Follow(t.Context(), b.bus, opener, b.registry, func(name string) (string, bool) {
		return "https://platform.example/" + name, true
	})
	if err == nil {
		t.Cleanup(book.Stop)
	}
	return book, err
}

// put keeps a credential whose secret was sealed for a workspace and an id.
func (b *bundle) put(t *testing.T, id, secret, token string, sealedFor workspace.ID) {
	t.Helper()
	public, err := b.keys.Public()
	require.NoError(t, err)
	sealer, err := seal.NewSealer(public)
	require.NoError(t, err)
	sealed, err := sealer.Seal(secret, seal.Place{Workspace: sealedFor, Credential: id, Field: "token"})
	require.NoError(t, err)
	value, err := proto.Marshal(&bucketv1.Credential{
		WorkspaceId: b.ws.String(), Id: id, Provider: "lines", ProviderAccount: "AC1", Token: token,
		Values:  map[string]string{"account": "AC1", "base_url": "https://tenant.example", "token": "in clear", "stray": "x"},
		Secrets: map[string]*bucketv1.SealedSecret{"token": {Sealed: sealed}},
	})
	require.NoError(t, err)
	_, err = b.bucket.Put(t.Context(), event.CredentialKey(b.ws, id), value)
	require.NoError(t, err)
}

func TestACredentialIsFoundAndOpened(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(t, "c1", "first", "t1", b.ws)
	book, err := b.follow(t, b.keys)
	require.NoError(t, err)
	found, err := book.Find(b.ws, "c1")
	require.NoError(t, err)
	require.Equal(t, channel.Credential{
		"account": "AC1", "token": "first", "base_url": "https://platform.example/LINES_BASE_URL",
	}, found.Values, "the operator decides where the provider is, and nothing else comes along")
	again, err := book.Find(b.ws, "c1")
	require.NoError(t, err)
	require.Same(t, found, again, "it is opened once")
	byToken, err := book.ByToken("lines", "t1")
	require.NoError(t, err)
	require.Equal(t, "AC1", byToken.Account)

	for name, find := range map[string]func() (*credentials.Credential, error){
		"another workspace": func() (*credentials.Credential, error) { return book.Find(workspace.NewID(), "c1") },
		"another token":     func() (*credentials.Credential, error) { return book.ByToken("lines", "t2") },
		"no token":          func() (*credentials.Credential, error) { return book.ByToken("lines", "") },
		"another provider":  func() (*credentials.Credential, error) { return book.ByToken("phones", "t1") },
	} {
		_, err := find()
		require.ErrorIs(t, err, credentials.ErrNone, name)
	}

	b.put(t, "c1", "second", "t2", b.ws)
	require.Eventually(t, func() bool {
		replaced, err := book.ByToken("lines", "t2")
		return err == nil && replaced.Values["token"] == "second"
	}, 5*time.Second, time.Millisecond)
	_, err = book.ByToken("lines", "t1")
	require.ErrorIs(t, err, credentials.ErrNone)
	require.NoError(t, b.bucket.Delete(t.Context(), event.CredentialKey(b.ws, "c1")))
	require.Eventually(t, func() bool {
		_, err := book.Find(b.ws, "c1")
		return err != nil
	}, 5*time.Second, time.Millisecond)
	_, err = book.ByToken("lines", "t2")
	require.ErrorIs(t, err, credentials.ErrNone)
}

func TestWrongKeysRefuseToStartAndADamagedCredentialDoesNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(t, "c1", "secret", "t1", b.ws)
	b.put(t, "moved", "secret", "t2", workspace.NewID())
	others, err := seal.Generate()
	require.NoError(t, err)
	_, err = b.follow(t, others)
	require.ErrorIs(t, err, credentials.ErrWrongKeys)

	book, err := b.follow(t, b.keys)
	require.NoError(t, err)
	_, err = book.Find(b.ws, "moved")
	require.ErrorIs(t, err, seal.ErrSealed, "what was sealed for another workspace")
	_, err = book.Find(b.ws, "c1")
	require.NoError(t, err)

	shut, err := credentials.Follow(t.Context(), b.bus, nil, b.registry, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	defer shut.Stop()
	_, err = shut.Find(b.ws, "c1")
	require.ErrorIs(t, err, credentials.ErrNoKeys)
}

func TestKeysAreReplacedWhileCredentialsAreUsed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(t, "c1", "secret", "t1", b.ws)
	book, err := b.follow(t, b.keys)
	require.NoError(t, err)
	kept, err := b.bucket.Get(t.Context(), event.CredentialKey(b.ws, "c1"))
	require.NoError(t, err)
	sealed := &bucketv1.Credential{}
	require.NoError(t, proto.Unmarshal(kept.Value, sealed))
	again, err := book.Reseal(b.ws, sealed)
	require.NoError(t, err)
	require.Empty(t, again, "what the key that seals has sealed stays")

	rotated, err := b.keys.Rotate()
	require.NoError(t, err)
	alone, err := rotated.Retire(b.keys.Primary())
	require.NoError(t, err)
	use := func(keys *seal.Keys) error {
		opener, err := keys.Opener()
		require.NoError(t, err)
		return book.Use(opener)
	}
	require.ErrorIs(t, use(alone), credentials.ErrWrongKeys, "a key that is needed is not let go of")
	require.NoError(t, use(rotated))
	again, err = book.Reseal(b.ws, sealed)
	require.NoError(t, err)
	require.Len(t, again, 1)
	_, err = book.Reseal(workspace.NewID(), sealed)
	require.ErrorIs(t, err, seal.ErrSealed, "nobody has another's secret sealed for himself")

	sealed.Secrets["token"].Sealed = again["token"]
	value, err := proto.Marshal(sealed)
	require.NoError(t, err)
	_, err = b.bucket.Put(t.Context(), event.CredentialKey(b.ws, "c1"), value)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return use(alone) == nil }, 5*time.Second, time.Millisecond)
	found, err := book.Find(b.ws, "c1")
	require.NoError(t, err)
	require.Equal(t, "secret", found.Values["token"])

	shut, err := credentials.Follow(t.Context(), b.bus, nil, b.registry, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	defer shut.Stop()
	_, err = shut.Reseal(b.ws, sealed)
	require.ErrorIs(t, err, credentials.ErrNoKeys)
}
