package api_test

import (
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/gateway/internal/api"
)

const committedDocument = "../../api/openapi.json"

func TestDocument(t *testing.T) {
	t.Parallel()

	t.Run("the committed document is current: UPDATE_OPENAPI=1 go test ./internal/api -run TestDocument", func(t *testing.T) {
		t.Parallel()

		operations, err := api.New(api.Deps{PublicURL: &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}})
		require.NoError(t, err)
		got := operations.Document()
		if os.Getenv("UPDATE_OPENAPI") != "" {
			require.NoError(t, os.WriteFile(committedDocument, got, 0o644))
		}
		want, err := os.ReadFile(committedDocument)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	})
}
