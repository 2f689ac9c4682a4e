package gateway_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// reserved says which roles an operation is for; what is not named is for every role. Of the settings for calls an agent
// may change the own phone, so that what is asked decides.
func reserved() map[string][]string {
	managers := []string{"owner", "admin"}
	return map[string][]string{
		"list-api-keys": managers, "create-api-key": managers, "revoke-api-key": managers, "list-audit": managers, "choose-account": managers,
		"test-account": managers, "list-own-accounts": managers, "remove-own-account": managers,
		"get-usage": managers, "list-usage-entries": managers, "get-usage-file": managers, "get-billing": managers, "list-invoices": managers,
		"change-terms": {"owner"}, "choose-plan": {"owner"}, "create-checkout": {"owner"}, "create-portal": {"owner"},
	}
}

func TestRoles_WhoMayDoWhat(t *testing.T) {
	t.Parallel()
	g, _, _ := sealed(t)
	walked := map[string]bool{}
	for _, role := range []string{"owner", "admin", "agent"} {
		ada := g.join(t)
		ada.token = "token-" + uuid.NewString()
		g.putPrincipal(t, ada.token, &bucketv1.Principal{
			Kind: "session", Id: uuid.NewString(), WorkspaceId: ada.workspace.String(), UserId: ada.userID, Role: role,
			ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
		})
		require.Eventually(t, func() bool {
			status, _ := ada.call(t, http.MethodGet, "/api/settings/communications", nil)
			return status == http.StatusOK
		}, patience, 5*time.Millisecond)
		for _, o := range operations(t) {
			if o.public() || strings.HasPrefix(o.path, "/api/operator/") || o.OperationID == "log-out" || o.OperationID == "realtime" {
				continue
			}
			walked[o.OperationID] = true
			path := o.at(uuid.NewString())
			if strings.HasPrefix(path, "/api/usage/") {
				path += "?period=2025-11"
			}
			response := send(t, ada.request(t, o.method, path, o.body()))
			may := reserved()[o.OperationID]
			if may == nil || slices.Contains(may, role) {
				require.NotEqual(t, http.StatusForbidden, response.StatusCode, "%s by %s: %s", o.OperationID, role, response.body)
			} else {
				require.Equal(t, http.StatusForbidden, response.StatusCode, "%s by %s: %s", o.OperationID, role, response.body)
			}
		}
	}
	for id := range reserved() {
		require.True(t, walked[id], "%s is an operation", id)
	}
}
