package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	b := setup(t, account.Config{})
	home, other := b.signUp(t, "ann@example.com", "Home"), b.signUp(t, "ben@example.com", "Other")
	ws, foreign := workspaceOf(t, home), workspaceOf(t, other)
	create := func(request *storev1.CreateApiKeyRequest) (*storev1.CreateApiKeyResponse, error) {
		return b.accounts.CreateAPIKey(t.Context(), ws, request)
	}
	ids := func(keys []*storev1.ApiKey) []string {
		var found []string
		for _, key := range keys {
			found = append(found, key.GetId())
		}
		return found
	}

	created, err := create(&storev1.CreateApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Name: " Shop ", Role: "agent", CreatedBy: home.GetUser().GetId()})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(created.GetSecret(), "ck_"))
	require.Equal(t, created.GetSecret()[:9], created.GetApiKey().GetPrefix())
	require.Equal(t, "Shop", created.GetApiKey().GetName())

	principal, ok := b.principal(t, created.GetSecret())
	require.True(t, ok)
	require.Equal(t, "api_key", principal.GetKind())
	require.Equal(t, "agent", principal.GetRole())
	require.Equal(t, ws.String(), principal.GetWorkspaceId())
	require.Empty(t, principal.GetUserId())
	require.Nil(t, principal.GetExpiresAt())

	second, err := create(&storev1.CreateApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Name: "Second", Role: "admin"})
	require.NoError(t, err)
	listed, err := b.accounts.ListAPIKeys(t.Context(), ws, &storev1.ListApiKeysRequest{})
	require.NoError(t, err)
	require.Equal(t, []string{second.GetApiKey().GetId(), created.GetApiKey().GetId()}, ids(listed.GetApiKeys()))
	require.NotContains(t, listed.String(), created.GetSecret(), "the secret is shown once")
	listed, err = b.accounts.ListAPIKeys(t.Context(), foreign, &storev1.ListApiKeysRequest{})
	require.NoError(t, err)
	require.Empty(t, listed.GetApiKeys(), "another workspace sees none of them")

	use := func(ws workspace.ID) error {
		_, err := b.accounts.ReportAPIKeyUse(t.Context(), ws, &storev1.ReportApiKeyUseRequest{Id: created.GetApiKey().GetId()})
		return err
	}
	used := func() *timestamppb.Timestamp {
		listed, err := b.accounts.ListAPIKeys(t.Context(), ws, &storev1.ListApiKeysRequest{})
		require.NoError(t, err)
		require.Nil(t, listed.GetApiKeys()[0].GetLastUsedAt(), "the other key was not used")
		return listed.GetApiKeys()[1].GetLastUsedAt()
	}
	storetest.RequireRefusal(t, use(foreign), bus.CodeNotFound, "")
	require.Nil(t, used(), "another workspace cannot say it was used")
	require.NoError(t, use(ws))
	require.WithinDuration(t, time.Now(), used().AsTime(), time.Minute)

	for field, request := range map[string]*storev1.CreateApiKeyRequest{
		"name":      {Name: "", Role: "agent"},
		"role":      {Name: "Key", Role: "owner"},
		"createdBy": {Name: "Key", Role: "agent", CreatedBy: other.GetUser().GetId()},
	} {
		_, err = create(request)
		storetest.RequireRefusal(t, err, bus.CodeInvalid, field)
	}

	id := created.GetApiKey().GetId()
	_, err = b.accounts.RevokeAPIKey(t.Context(), foreign, &storev1.RevokeApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Id: id})
	storetest.RequireRefusal(t, err, bus.CodeNotFound, "")
	_, err = b.accounts.RevokeAPIKey(t.Context(), ws, &storev1.RevokeApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Id: id})
	require.NoError(t, err)
	_, ok = b.principal(t, created.GetSecret())
	require.False(t, ok)
	const audited = "SELECT string_agg(action || ' ' || subject, ', ' ORDER BY id) FROM audit_entries WHERE workspace_id = $1"
	require.Equal(t, "api_key.created Shop, api_key.created Second, api_key.revoked Shop", storetest.Value[string](t, b.Store, audited, ws.UUID()))
	for _, gone := range []string{id, uuid.NewString(), "no id"} {
		_, err = b.accounts.RevokeAPIKey(t.Context(), ws, &storev1.RevokeApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Id: gone})
		storetest.RequireRefusal(t, err, bus.CodeNotFound, "")
	}
	listed, err = b.accounts.ListAPIKeys(t.Context(), ws, &storev1.ListApiKeysRequest{})
	require.NoError(t, err)
	require.Equal(t, []string{second.GetApiKey().GetId()}, ids(listed.GetApiKeys()))
}

func TestAPIKeysAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t, account.Config{})
	ws := workspaceOf(t, b.signUp(t, "ann@example.com", "Home"))
	b.Exec(t, `INSERT INTO api_keys (workspace_id, id, name, prefix, key_hash, role)
		SELECT $1, gen_random_uuid(), 'key', 'ck_', decode(md5(i::text), 'hex'), 'agent' FROM generate_series(1, 100) i`, ws.UUID())
	_, err := b.accounts.CreateAPIKey(t.Context(), ws, &storev1.CreateApiKeyRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Name: "One more", Role: "agent"})
	storetest.RequireRefusal(t, err, bus.CodeConflict, "")
}
