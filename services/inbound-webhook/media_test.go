package webhook_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

func TestLinks_give_out_what_they_are_signed_for_and_nothing_else(t *testing.T) {
	t.Parallel()
	blobURL := "file://" + t.TempDir() + "?" + url.Values{
		"no_tmp_dir": {"true"}, "base_url": {publicURL + "/api/media"}, "secret_key_path": {filepath.Join(t.TempDir(), "links.key")},
	}.Encode()
	r := newRig(t, func(c *webhook.Config) { c.BlobURL = blobURL })
	bucket, err := blobstore.Open(t.Context(), blobURL) // the service has made the secret
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bucket.Close()) })
	key := r.workspace.String() + "/uploads/1"
	require.NoError(t, bucket.WriteAll(t.Context(), key, []byte("0123456789"), &blob.WriterOptions{ContentType: "text/html"}))
	link, err := blobstore.Link(t.Context(), bucket, key)
	require.NoError(t, err)
	path := strings.TrimPrefix(link, publicURL)

	got := r.send(t, call{method: http.MethodGet, path: path})
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, "0123456789", got.body)
	require.Equal(t, "text/html", got.header.Get("Content-Type"))
	require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
	require.Equal(t, "attachment", got.header.Get("Content-Disposition"))
	part := r.send(t, call{method: http.MethodGet, path: path, header: http.Header{"Range": {"bytes=2-4"}}})
	require.Equal(t, http.StatusPartialContent, part.status)
	require.Equal(t, "234", part.body)
	require.Equal(t, http.StatusOK, r.send(t, call{method: http.MethodHead, path: path}).status)

	for name, refused := range map[string]string{
		"no signature":    "/api/media?obj=" + url.QueryEscape(key) + "&method=GET&expiry=99999999999",
		"another key":     strings.Replace(path, "uploads%2F1", "uploads%2F2", 1),
		"another expiry":  strings.Replace(path, "expiry=", "expiry=9", 1),
		"another purpose": strings.Replace(path, "method=GET", "method=PUT", 1),
		"nothing at all":  "/api/media",
	} {
		require.Equal(t, http.StatusForbidden, r.send(t, call{method: http.MethodGet, path: refused}).status, name)
	}
	upload, err := bucket.SignedURL(t.Context(), key, &blob.SignedURLOptions{Method: http.MethodPut})
	require.NoError(t, err)
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		got := r.send(t, call{method: method, path: strings.TrimPrefix(upload, publicURL)})
		require.Contains(t, []int{http.StatusForbidden, http.StatusMethodNotAllowed}, got.status, "links are for reading")
	}
	gone, err := blobstore.Link(t.Context(), bucket, r.workspace.String()+"/gone")
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, r.send(t, call{method: http.MethodGet, path: strings.TrimPrefix(gone, publicURL)}).status)
}

func TestLinks_are_not_there_where_the_blob_store_makes_none(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.Equal(t, http.StatusNotFound, r.send(t, call{method: http.MethodGet, path: "/api/media?obj=x"}).status)
}
