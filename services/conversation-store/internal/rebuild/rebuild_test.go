package rebuild_test

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/rebuild"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

type bundle struct {
	*storetest.Store
	accounts *account.Accounts
}

func setup(t *testing.T) bundle {
	t.Helper()
	store := storetest.New(t)
	accounts, err := account.New(store.DB, store.Relay, store.Logger, account.Config{
		Sandbox: true, Cost: account.Cost{MemoryKiB: 64, Iterations: 1},
		Platform: []channel.PlatformAccount{{Provider: "phones", Account: "p1", Channels: []channel.Kind{channel.SMS, channel.Email}}},
	})
	require.NoError(t, err)
	return bundle{store, accounts}
}

func (b bundle) signUp(t *testing.T) workspace.ID {
	t.Helper()
	id, err := b.trySignUp(t.Context())
	require.NoError(t, err)
	return id
}

func (b bundle) trySignUp(ctx context.Context) (workspace.ID, error) {
	response, err := b.accounts.SignUp(ctx, workspace.ID{}, &storev1.SignUpRequest{
		Name: "Ann", Email: uuid.NewString() + "@example.com", Password: "correct horse", WorkspaceName: "Home",
	})
	if err != nil {
		return workspace.ID{}, err
	}
	return workspace.ParseID(response.GetWorkspace().GetId())
}

// contents is what every projection bucket holds.
func (b bundle) contents(t *testing.T) map[string]map[string]string {
	t.Helper()
	held := map[string]map[string]string{}
	for _, spec := range event.Buckets() {
		if spec.Projection {
			held[spec.Name] = b.Keys(t, spec.Name)
		}
	}
	return held
}

// rebuild rebuilds and returns how many entries were put and removed.
func (b bundle) rebuild(t *testing.T) (put, removed int) {
	t.Helper()
	counts, err := rebuild.Buckets(t.Context(), b.DB, b.Bus, b.Logger)
	require.NoError(t, err)
	for _, count := range counts {
		put, removed = put+count.Put, removed+count.Removed
	}
	return put, removed
}

func TestRebuild(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var workspaces []workspace.ID
	for range 5 {
		workspaces = append(workspaces, b.signUp(t))
	}
	key, err := b.accounts.CreateAPIKey(t.Context(), workspaces[0], &storev1.CreateApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Name: "Key", Role: "admin"})
	require.NoError(t, err)
	revoked, err := b.accounts.CreateAPIKey(t.Context(), workspaces[0], &storev1.CreateApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Name: "Old", Role: "agent"})
	require.NoError(t, err)
	_, err = b.accounts.RevokeAPIKey(t.Context(), workspaces[0], &storev1.RevokeApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Id: revoked.GetApiKey().GetId()})
	require.NoError(t, err)

	before := b.contents(t)
	require.Len(t, before[event.BucketRoutes], 10)
	require.Len(t, before[event.BucketAccess], 6)
	require.Len(t, before[event.BucketCalls], 5)
	require.Len(t, before[event.BucketPlans], 5)
	require.Contains(t, before[event.BucketAccess], event.AccessKey(key.GetSecret()))
	put, removed := b.rebuild(t)
	require.Zero(t, put+removed, "what sign-up wrote is what a rebuild would write")

	for name, held := range before {
		opened, err := b.Bus.Bucket(t.Context(), name)
		require.NoError(t, err)
		for i, key := range slices.Sorted(maps.Keys(held)) {
			if i == 0 {
				_, err = opened.Put(t.Context(), key, []byte("spoiled"))
				require.NoError(t, err)
				continue
			}
			require.NoError(t, opened.Delete(t.Context(), key))
		}
		if name != event.BucketConsent {
			_, err = opened.Put(t.Context(), "nobody.knows.this", []byte("stray"))
			require.NoError(t, err)
		}
	}
	put, removed = b.rebuild(t)
	require.Equal(t, 10+6+5+5, put)
	require.Equal(t, len(before)-1, removed)
	require.Equal(t, before, b.contents(t))
	put, removed = b.rebuild(t)
	require.Zero(t, put+removed, "the second time changes nothing")
}

func TestRebuildKeepsTheNewestWord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.signUp(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	said := func(address, state string, at time.Time) *eventv1.Consent {
		return &eventv1.Consent{
			WorkspaceId: ws.String(), Channel: "sms", Address: address, State: state, Source: "keyword",
			ChangedAt: timestamppb.New(at),
		}
	}
	for address, state := range map[string]string{"+14155550123": "opted_out", "+14155550124": "opted_in", "+14155550125": "opted_in"} {
		b.Exec(t, `INSERT INTO consents (workspace_id, channel, address, state, source, changed_at)
			VALUES ($1, 'sms', $2, $3, 'keyword', $4)`, ws.UUID(), address, state, now)
	}
	opened, err := b.Bus.Bucket(t.Context(), event.BucketConsent)
	require.NoError(t, err)
	for _, held := range []*eventv1.Consent{
		said("+14155550124", "opted_out", now.Add(time.Second)),  // newer than the rows
		said("+14155550125", "opted_out", now.Add(-time.Second)), // older
		said("+14155550126", "opted_out", now),                   // unknown to the rows
	} {
		value, err := proto.Marshal(held)
		require.NoError(t, err)
		_, err = opened.Put(t.Context(), event.ConsentKey(ws, channel.SMS, held.GetAddress()), value)
		require.NoError(t, err)
	}
	put, removed := b.rebuild(t)
	require.Equal(t, 2, put)
	require.Zero(t, removed)
	got := map[string]string{}
	for _, value := range b.Keys(t, event.BucketConsent) {
		var consent eventv1.Consent
		require.NoError(t, proto.Unmarshal([]byte(value), &consent))
		got[consent.GetAddress()] = consent.GetState()
	}
	require.Equal(t, map[string]string{
		"+14155550123": "opted_out", "+14155550124": "opted_out", "+14155550125": "opted_in", "+14155550126": "opted_out",
	}, got)
}

func TestRebuildOpensTheWindowsThatAreOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	c := ws.Add(t, storetest.Conversation{}, storetest.Conversation{}, storetest.Conversation{})
	alias := uuid.New()
	b.Exec(t, "UPDATE conversations SET window_expires_at = now() + interval '1 hour' WHERE id = $1", c[0].ID)
	b.Exec(t, "UPDATE conversations SET window_expires_at = now() - interval '1 hour' WHERE id = $1", c[1].ID)
	b.Exec(t, `INSERT INTO conversation_aliases (workspace_id, id, conversation_id, channel, address)
		VALUES ($1, $2, $3, 'whatsapp', 'alias')`, ws.ID.UUID(), alias, c[0].ID)
	b.rebuild(t)
	require.ElementsMatch(t, []string{
		event.WindowKey(ws.ID, c[0].ID.String()), event.WindowKey(ws.ID, alias.String()),
	}, slices.Collect(maps.Keys(b.Keys(t, event.BucketWindows))))
}

func TestRebuildDropsWhatHasExpired(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.signUp(t)
	b.Exec(t, "UPDATE sessions SET expires_at = now() - interval '1 minute' WHERE workspace_id = $1", ws.UUID())
	_, removed := b.rebuild(t)
	require.Equal(t, 1, removed)
	require.Empty(t, b.Keys(t, event.BucketAccess))
}

func TestRebuildWhilePeopleSignUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people, ctx := errgroup.WithContext(t.Context())
	for range 4 {
		people.Go(func() error {
			for range 10 {
				ws, err := b.trySignUp(ctx)
				if err != nil {
					return err
				}
				for i := range 2 {
					_, err := b.accounts.CreateAPIKey(ctx, ws, &storev1.CreateApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Name: strconv.Itoa(i), Role: "agent"})
					if err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	for range 10 {
		b.rebuild(t)
	}
	require.NoError(t, people.Wait())
	put, removed := b.rebuild(t)
	require.Zero(t, put+removed)
	require.Len(t, b.Keys(t, event.BucketAccess), 40*3)
}
