package gateway_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	g := setup(t)
	for _, path := range []string{"/", "/inbox", "/nothing.js", "/api/me", "/api/nothing", "/api/openapi.json", "/api/docs", "/livez", "/metrics"} {
		t.Run(path+" carries the security headers", func(t *testing.T) {
			t.Parallel()
			response := send(t, newRequest(t, http.MethodGet, g.url+path, nil))
			policy := response.Header.Get("Content-Security-Policy")
			require.Contains(t, policy, "default-src '")
			require.Contains(t, policy, "frame-ancestors 'none'")
			require.NotRegexp(t, `script-src[^;]*(unsafe|https?:|\*)`, policy)
			require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
			require.Equal(t, "DENY", response.Header.Get("X-Frame-Options"))
			require.Equal(t, "same-origin", response.Header.Get("Referrer-Policy"))
			require.NotEmpty(t, response.Header.Get("Strict-Transport-Security"))
			require.NotEmpty(t, response.Header.Get("Permissions-Policy"))
			require.NotEmpty(t, response.Header.Get("Cross-Origin-Opener-Policy"))
		})
	}
}

func TestDocumentAndOps(t *testing.T) {
	t.Parallel()
	g := setup(t)
	get := func(t *testing.T, path string) answer {
		t.Helper()
		response := send(t, newRequest(t, http.MethodGet, g.url+path, nil))
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		return response
	}

	t.Run("the committed document is what is served", func(t *testing.T) {
		t.Parallel()
		want, err := os.ReadFile("api/openapi.json")
		require.NoError(t, err)
		require.Equal(t, string(want), get(t, "/api/openapi.json").body)
	})

	t.Run("its page shows every operation and needs nothing from elsewhere", func(t *testing.T) {
		t.Parallel()
		page := get(t, "/api/docs").body
		for _, o := range operations(t) {
			require.Contains(t, page, `id="`+o.OperationID+`"`)
		}
		require.NotContains(t, page, "<script")
		require.NotContains(t, page, "style=")
		require.NotRegexp(t, `(src|href)="https?:`, page)
		require.Equal(t, "text/css; charset=utf-8", get(t, "/api/docs/style.css").Header.Get("Content-Type"))
	})

	t.Run("the operators' paths answer", func(t *testing.T) {
		t.Parallel()
		get(t, "/livez")
		require.Contains(t, get(t, "/readyz").body, `"nats":"ok"`)
		get(t, "/api/openapi.json")
		require.Contains(t, get(t, "/metrics").body, "conversations_http_request_seconds_count")
		require.Contains(t, get(t, "/metrics").body, `route="GET /api/openapi.json"`)
	})

	t.Run("a browser opening any path of the page gets the page, a program asking for a file does not", func(t *testing.T) {
		t.Parallel()
		r := newRequest(t, http.MethodGet, g.url+"/conversations/1", nil)
		r.Header.Set("Accept", "text/html,application/xhtml+xml")
		response := send(t, r)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Equal(t, "no-cache", response.Header.Get("Cache-Control"))
		require.True(t, strings.HasPrefix(response.Header.Get("Content-Type"), "text/html"))
		require.Contains(t, response.body, "Conversations")
		require.Equal(t, http.StatusNotFound, send(t, newRequest(t, http.MethodGet, g.url+"/assets/gone.js", nil)).StatusCode)
	})
}
