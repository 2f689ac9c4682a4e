package media_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/driver"
	"gocloud.dev/blob/fileblob"

	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/blobtest"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/media"
)

// hungUp is a caller that takes nothing.
type hungUp struct{ *httptest.ResponseRecorder }

func (hungUp) Write([]byte) (int, error) { return 0, errors.New("hung up") }

func TestLinks_close_what_they_open_however_it_is_asked_for(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "links.key")
	require.NoError(t, os.WriteFile(secret, []byte("not-a-secret"), 0o600))
	base, err := url.Parse("https://hooks.example.com/api/media")
	require.NoError(t, err)
	store, bucket := blobtest.New(t)
	store.Put("a", []byte("0123456789"))
	links, err := media.NewLinks(bucket, "file:///blobs?"+url.Values{
		"base_url": {base.String()}, "secret_key_path": {secret},
	}.Encode())
	require.NoError(t, err)
	link, err := fileblob.NewURLSignerHMAC(base, []byte("not-a-secret")).URLFromKey(t.Context(), "a", &driver.SignedURLOptions{
		Method: http.MethodGet, Expiry: time.Hour,
	})
	require.NoError(t, err)

	ask := func(w http.ResponseWriter, method, part string) {
		r := httptest.NewRequestWithContext(t.Context(), method, link.String(), nil)
		if part != "" {
			r.Header.Set("Range", part)
		}
		links.ServeHTTP(w, r)
	}
	for _, one := range []struct {
		method, part string
		status       int
	}{
		{http.MethodGet, "", http.StatusOK},
		{http.MethodHead, "", http.StatusOK},
		{http.MethodGet, "bytes=2-4", http.StatusPartialContent},
		{http.MethodGet, "bytes=2-4,6-8", http.StatusPartialContent},
		{http.MethodGet, "bytes=90-", http.StatusRequestedRangeNotSatisfiable},
	} {
		w := httptest.NewRecorder()
		ask(w, one.method, one.part)
		require.Equal(t, one.status, w.Code, one)
		store.RequireClosed(t)
	}
	ask(hungUp{httptest.NewRecorder()}, http.MethodGet, "")
	store.RequireClosed(t)
}
