package account_test

import (
	"context"
	"strings"
	"sync"
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
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

const password = "correct horse battery"

type bundle struct {
	*storetest.Store
	accounts *account.Accounts
}

// twoAccounts are a provider of phone numbers and one of mail.
func twoAccounts() []channel.PlatformAccount {
	return []channel.PlatformAccount{
		{
			Provider: "mailer", Channels: []channel.Kind{channel.Email},
			Addresses: map[channel.Kind]string{channel.Email: "Hello@Platform.example"},
		},
		{
			Provider: "phones", Account: "project-1", Channels: []channel.Kind{channel.SMS},
			Addresses: map[channel.Kind]string{channel.SMS: "+14155550100"},
		},
	}
}

func setup(t *testing.T, cfg account.Config) bundle {
	t.Helper()
	store := storetest.New(t)
	cfg.Cost = account.Cost{MemoryKiB: 64, Iterations: 1, Concurrent: 4, Waiting: 100}
	accounts, err := account.New(store.DB, store.Relay, store.Logger, cfg)
	require.NoError(t, err)
	return bundle{store, accounts}
}

func (b bundle) signUp(t *testing.T, email, title string) *storev1.SessionResponse {
	t.Helper()
	response, err := b.accounts.SignUp(t.Context(), workspace.ID{}, &storev1.SignUpRequest{
		Name: "Ann", Email: email, Password: password, WorkspaceName: title,
	})
	require.NoError(t, err)
	return response
}

func (b bundle) principal(t *testing.T, secret string) (*bucketv1.Principal, bool) {
	t.Helper()
	value, ok := b.Keys(t, event.BucketAccess)[event.AccessKey(secret)]
	if !ok {
		return nil, false
	}
	var principal bucketv1.Principal
	require.NoError(t, proto.Unmarshal([]byte(value), &principal))
	return &principal, true
}

// routes are the routes of a workspace by channel.
func (b bundle) routes(t *testing.T, ws string) map[string]*bucketv1.Route {
	t.Helper()
	found := map[string]*bucketv1.Route{}
	for _, route := range b.everyRoute(t, ws) {
		found[route.GetChannel()] = route
	}
	return found
}

func (b bundle) everyRoute(t *testing.T, ws string) []*bucketv1.Route {
	t.Helper()
	var found []*bucketv1.Route
	for key, value := range b.Keys(t, event.BucketRoutes) {
		var route bucketv1.Route
		require.NoError(t, proto.Unmarshal([]byte(value), &route))
		require.Equal(t, event.RouteKey(route.GetProvider(), route.GetProviderAccount(), channel.Kind(route.GetChannel()), route.GetAddress()), key)
		if route.GetWorkspaceId() == ws {
			found = append(found, &route)
		}
	}
	return found
}

func workspaceOf(t *testing.T, response *storev1.SessionResponse) workspace.ID {
	t.Helper()
	id, err := workspace.ParseID(response.GetWorkspace().GetId())
	require.NoError(t, err)
	return id
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	b := setup(t, account.Config{Platform: twoAccounts(), Sandbox: true})

	t.Run("makes a user, a workspace and a session the gateway knows at once", func(t *testing.T) {
		t.Parallel()
		response := b.signUp(t, "Ann@Example.com", "Blue Door")
		require.Equal(t, "ann@example.com", response.GetUser().GetEmail())
		require.Equal(t, "blue-door", response.GetWorkspace().GetSlug())
		principal, ok := b.principal(t, response.GetToken())
		require.True(t, ok)
		require.True(t, proto.Equal(response.GetPrincipal(), principal))
		require.Equal(t, "owner", principal.GetRole())
		require.Equal(t, "session", principal.GetKind())
		require.WithinDuration(t, time.Now().Add(30*24*time.Hour), principal.GetExpiresAt().AsTime(), time.Minute)

		me, err := b.accounts.GetMe(t.Context(), workspaceOf(t, response), &storev1.GetMeRequest{UserId: principal.GetUserId()})
		require.NoError(t, err)
		require.True(t, proto.Equal(response.GetUser(), me.GetUser()))
		require.True(t, proto.Equal(response.GetWorkspace(), me.GetWorkspace()))
	})

	t.Run("keeps neither token nor password", func(t *testing.T) {
		t.Parallel()
		response := b.signUp(t, "secret@example.com", "Secrets")
		hash := storetest.Value[string](t, b.Store, "SELECT password_hash FROM users WHERE email = 'secret@example.com'")
		require.True(t, strings.HasPrefix(hash, "$argon2id$"))
		stored := storetest.Value[string](t, b.Store, "SELECT encode(token_hash, 'hex') FROM sessions WHERE workspace_id = $1",
			workspaceOf(t, response).UUID())
		require.Equal(t, event.AccessKey(response.GetToken()), stored)
	})

	t.Run("gives each workspace its own sandboxed number and mailbox", func(t *testing.T) {
		t.Parallel()
		one := b.routes(t, b.signUp(t, "one@example.com", "Same name").GetWorkspace().GetId())
		two := b.routes(t, b.signUp(t, "two@example.com", "Same name").GetWorkspace().GetId())
		for _, routes := range []map[string]*bucketv1.Route{one, two} {
			require.Len(t, routes, 2)
			require.Regexp(t, `^\+1500\d{7}$`, routes["sms"].GetAddress())
			require.Regexp(t, `^same-name(-[a-z2-7]{6})?-\d+@mail\.sandbox\.test$`, routes["email"].GetAddress())
			for kind, route := range routes {
				_, err := channel.NormalizeAddress(channel.Kind(kind), route.GetAddress())
				require.NoError(t, err)
				require.True(t, route.GetSandbox())
				require.True(t, route.GetIsDefault())
				require.Equal(t, "platform", route.GetMode())
				require.Equal(t, "Same name", route.GetDisplayName())
			}
		}
		require.NotEqual(t, one["sms"].GetAddress(), two["sms"].GetAddress())
		require.NotEqual(t, one["email"].GetAddress(), two["email"].GetAddress())
	})

	t.Run("refuses an e-mail address that is registered", func(t *testing.T) {
		t.Parallel()
		b.signUp(t, "taken@example.com", "First")
		_, err := b.accounts.SignUp(t.Context(), workspace.ID{}, &storev1.SignUpRequest{
			Name: "Eve", Email: "TAKEN@example.com", Password: password, WorkspaceName: "Second",
		})
		storetest.RequireRefusal(t, err, bus.CodeConflict, "email")
		require.Zero(t, storetest.Value[int](t, b.Store, "SELECT count(*) FROM workspaces WHERE name = 'Second'"))
	})

	for field, spoil := range map[string]func(*storev1.SignUpRequest){
		"name":          func(r *storev1.SignUpRequest) { r.Name = " " },
		"email":         func(r *storev1.SignUpRequest) { r.Email = "nobody" },
		"password":      func(r *storev1.SignUpRequest) { r.Password = "too short" },
		"workspaceName": func(r *storev1.SignUpRequest) { r.WorkspaceName = strings.Repeat("w", 101) },
	} {
		t.Run("names the field at fault: "+field, func(t *testing.T) {
			t.Parallel()
			request := &storev1.SignUpRequest{Name: "A", Email: field + "@example.org", Password: password, WorkspaceName: "W"}
			spoil(request)
			_, err := b.accounts.SignUp(t.Context(), workspace.ID{}, request)
			storetest.RequireRefusal(t, err, bus.CodeInvalid, field)
			require.Zero(t, storetest.Value[int](t, b.Store, "SELECT count(*) FROM users WHERE email = $1", field+"@example.org"))
		})
	}
}

func TestSignUpAtOnce(t *testing.T) {
	t.Parallel()

	t.Run("lets one of several with the same e-mail address through", func(t *testing.T) {
		t.Parallel()
		b := setup(t, account.Config{Platform: twoAccounts(), Sandbox: true})
		results := atOnce(8, func(int) (*storev1.SessionResponse, error) {
			return b.accounts.SignUp(t.Context(), workspace.ID{}, &storev1.SignUpRequest{
				Name: "Ann", Email: "ann@example.com", Password: password, WorkspaceName: "Race",
			})
		})
		succeeded := 0
		for _, result := range results {
			if result.err == nil {
				succeeded++
				continue
			}
			storetest.RequireRefusal(t, result.err, bus.CodeConflict, "email")
		}
		require.Equal(t, 1, succeeded)
		require.Equal(t, 1, storetest.Value[int](t, b.Store, "SELECT count(*) FROM workspaces"))
		require.Len(t, b.Keys(t, event.BucketRoutes), 2)
	})

	t.Run("gives a hundred workspaces of one name distinct slugs and addresses", func(t *testing.T) {
		t.Parallel()
		const many = 100
		b := setup(t, account.Config{Platform: twoAccounts(), Sandbox: true})
		results := atOnce(many, func(i int) (*storev1.SessionResponse, error) {
			return b.accounts.SignUp(t.Context(), workspace.ID{}, &storev1.SignUpRequest{
				Name: "Ann", Email: uuid.NewString() + "@example.com", Password: password, WorkspaceName: "Everyone",
			})
		})
		slugs := map[string]bool{}
		for _, result := range results {
			require.NoError(t, result.err)
			slugs[result.value.GetWorkspace().GetSlug()] = true
		}
		require.Len(t, slugs, many)
		require.Len(t, b.Keys(t, event.BucketRoutes), 2*many)
		require.Len(t, b.Keys(t, event.BucketAccess), many)
		require.Equal(t, 2*many, storetest.Value[int](t, b.Store, "SELECT count(DISTINCT address) FROM routes"))
	})
}

func TestSignUpWithoutSandbox(t *testing.T) {
	t.Parallel()
	b := setup(t, account.Config{Platform: twoAccounts()})
	first := b.routes(t, b.signUp(t, "first@example.com", "First").GetWorkspace().GetId())
	require.Equal(t, "hello@platform.example", first["email"].GetAddress())
	require.Equal(t, "+14155550100", first["sms"].GetAddress())
	require.Equal(t, "project-1", first["sms"].GetProviderAccount())
	require.False(t, first["sms"].GetSandbox())

	second := b.signUp(t, "second@example.com", "Second").GetWorkspace().GetId()
	require.Empty(t, b.routes(t, second), "the platform's address belongs to the first that took it")
	require.Zero(t, storetest.Value[int](t, b.Store, "SELECT count(*) FROM channel_accounts WHERE workspace_id = $1",
		uuid.MustParse(second)))
}

func TestLogIn(t *testing.T) {
	t.Parallel()
	b := setup(t, account.Config{})
	home := b.signUp(t, "ann@example.com", "Home")
	ws := workspaceOf(t, home)
	logIn := func(email, password string) (*storev1.SessionResponse, error) {
		return b.accounts.LogIn(t.Context(), workspace.ID{}, &storev1.LogInRequest{Email: email, Password: password})
	}

	t.Run("opens a session of its own that log-out ends", func(t *testing.T) {
		t.Parallel()
		response, err := logIn("ANN@example.com ", password)
		require.NoError(t, err)
		require.NotEqual(t, home.GetToken(), response.GetToken())
		require.True(t, proto.Equal(home.GetUser(), response.GetUser()))
		require.True(t, proto.Equal(home.GetWorkspace(), response.GetWorkspace()))
		principal, ok := b.principal(t, response.GetToken())
		require.True(t, ok)

		for range 2 { // the second time changes nothing
			_, err = b.accounts.LogOut(t.Context(), ws, &storev1.LogOutRequest{SessionId: principal.GetId()})
			require.NoError(t, err)
		}
		_, ok = b.principal(t, response.GetToken())
		require.False(t, ok)
		_, ok = b.principal(t, home.GetToken())
		require.True(t, ok, "the other session stays")
		require.Zero(t, storetest.Value[int](t, b.Store, "SELECT count(*) FROM sessions WHERE id = $1",
			uuid.MustParse(principal.GetId())))
	})

	t.Run("answers an unknown address and a wrong password the same", func(t *testing.T) {
		t.Parallel()
		_, wrong := logIn("ann@example.com", "wrong horse battery")
		storetest.RequireRefusal(t, wrong, bus.CodeUnauthenticated, "")
		for _, email := range []string{"nobody@example.com", "", "not an address", "ann@example.com\x00"} {
			_, unknown := logIn(email, password)
			require.Equal(t, wrong, unknown)
		}
	})

	t.Run("does not end another workspace's session", func(t *testing.T) {
		t.Parallel()
		other := b.signUp(t, "other@example.com", "Other")
		_, err := b.accounts.LogOut(t.Context(), workspaceOf(t, other),
			&storev1.LogOutRequest{SessionId: home.GetPrincipal().GetId()})
		require.NoError(t, err)
		_, ok := b.principal(t, home.GetToken())
		require.True(t, ok)
	})

	t.Run("ends the oldest sessions of a user who has a hundred", func(t *testing.T) {
		t.Parallel()
		first := b.signUp(t, "many@example.com", "Many")
		b.Exec(t, `INSERT INTO sessions (workspace_id, id, user_id, token_hash, created_at, expires_at)
			SELECT $1, gen_random_uuid(), $2, sha256(n::text::bytea), now() + n * interval '1 second', now() + interval '1 day'
			FROM generate_series(1, 150) AS n`, workspaceOf(t, first).UUID(), first.GetUser().GetId())
		newest, err := logIn("many@example.com", password)
		require.NoError(t, err)
		require.Equal(t, 100, storetest.Value[int](t, b.Store, "SELECT count(*) FROM sessions WHERE user_id = $1", first.GetUser().GetId()))
		_, ok := b.principal(t, first.GetToken())
		require.False(t, ok, "the oldest ended")
		_, ok = b.principal(t, newest.GetToken())
		require.True(t, ok)
	})

	t.Run("sweeps the user's expired sessions away", func(t *testing.T) {
		t.Parallel()
		old := b.signUp(t, "old@example.com", "Old")
		b.Exec(t, "UPDATE sessions SET expires_at = now() - interval '1 hour' WHERE workspace_id = $1", workspaceOf(t, old).UUID())
		_, err := logIn("old@example.com", password)
		require.NoError(t, err)
		_, ok := b.principal(t, old.GetToken())
		require.False(t, ok)
	})
}

func TestGetMe(t *testing.T) {
	t.Parallel()
	b := setup(t, account.Config{})
	home, other := b.signUp(t, "ann@example.com", "Home"), b.signUp(t, "ben@example.com", "Other")
	ws := workspaceOf(t, home)

	me, err := b.accounts.GetMe(t.Context(), ws, &storev1.GetMeRequest{})
	require.NoError(t, err)
	require.Nil(t, me.GetUser(), "an API key is no user")
	require.Equal(t, "Home", me.GetWorkspace().GetName())

	for _, id := range []string{other.GetUser().GetId(), uuid.NewString(), "nobody"} {
		_, err = b.accounts.GetMe(t.Context(), ws, &storev1.GetMeRequest{UserId: id})
		storetest.RequireRefusal(t, err, bus.CodeNotFound, "")
	}
	_, err = b.accounts.GetMe(t.Context(), workspace.NewID(), &storev1.GetMeRequest{})
	storetest.RequireRefusal(t, err, bus.CodeNotFound, "")
}

type result[T any] struct {
	value T
	err   error
}

// atOnce calls fn count times, all released at the same moment.
func atOnce[T any](count int, fn func(i int) (T, error)) []result[T] {
	results := make([]result[T], count)
	start, release := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() {
			<-start.Done()
			results[i].value, results[i].err = fn(i)
		})
	}
	release()
	group.Wait()
	return results
}
