package page_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/gateway/internal/page"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	built := fstest.MapFS{
		"index.html":          {Data: []byte("<title>shell</title>")},
		"assets/main-1a2b.js": {Data: []byte("console.log(1)")},
		"favicon.svg":         {Data: []byte("<svg/>")},
		".gitkeep":            {},
	}
	empty := fstest.MapFS{".gitkeep": {}}
	cases := []struct {
		name           string
		files          fstest.MapFS
		method, path   string
		accept         string
		status         int
		caching, holds string
	}{
		{"a file with a hash is kept for ever", built, "GET", "/assets/main-1a2b.js", "*/*", 200, "public, max-age=31536000, immutable", "console.log"},
		{"another file is asked for again", built, "GET", "/favicon.svg", "*/*", 200, "no-cache", "<svg"},
		{"the page is asked for again", built, "GET", "/", "text/html", 200, "no-cache", "shell"},
		{"index.html is the page", built, "GET", "/index.html", "text/html", 200, "no-cache", "shell"},
		{"any path of the page is the page", built, "GET", "/conversations/1", "text/html,*/*", 200, "no-cache", "shell"},
		{"a file that is gone is not the page", built, "GET", "/assets/main-0000.js", "*/*", 404, "", "not found"},
		{"a folder is no file", built, "GET", "/assets/", "*/*", 404, "", "not found"},
		{"a dot file is no file", built, "GET", "/.gitkeep", "*/*", 404, "", "not found"},
		{"nothing is above the folder", built, "GET", "/../handler.go", "*/*", 404, "", "not found"},
		{"nothing is written", built, "POST", "/", "text/html", 405, "", "method"},
		{"without a build the page says what to do", empty, "GET", "/", "text/html", 200, "no-cache", "make web"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			handler, err := page.New(c.files)
			require.NoError(t, err)
			r := httptest.NewRequestWithContext(t.Context(), c.method, "http://127.0.0.1/", nil)
			r.URL.Path = c.path
			r.Header.Set("Accept", c.accept)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			require.Equal(t, c.status, w.Code)
			require.Equal(t, c.caching, w.Header().Get("Cache-Control"))
			require.Contains(t, w.Body.String(), c.holds)
			if c.status == http.StatusOK {
				require.NotEmpty(t, w.Header().Get("Content-Type"))
			}
		})
	}
}
