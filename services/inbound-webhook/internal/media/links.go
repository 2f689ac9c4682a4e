package media

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

// ErrNoLinks is returned for a blob store that makes no links which we would have to answer: S3 answers its own.
var ErrNoLinks = errors.New("the blob store makes no links of ours")

// Links answers the signed links to files in a local folder. A provider that fetches files itself is given one.
type Links struct {
	bucket *blob.Bucket
	signer *fileblob.URLSignerHMAC
}

var _ http.Handler = (*Links)(nil)

// NewLinks makes the handler for a blob URL with base_url and secret_key_path. It returns ErrNoLinks for any other.
func NewLinks(bucket *blob.Bucket, blobURL string) (*Links, error) {
	parsed, err := url.Parse(blobURL)
	if err != nil {
		return nil, fmt.Errorf("reading the blob URL: %w", err)
	}
	query := parsed.Query()
	if parsed.Scheme != fileblob.Scheme || query.Get("base_url") == "" {
		return nil, ErrNoLinks
	}
	base, err := url.Parse(query.Get("base_url"))
	if err != nil {
		return nil, fmt.Errorf("reading base_url of the blob URL: %w", err)
	}
	secret, err := os.ReadFile(query.Get("secret_key_path"))
	if err != nil {
		return nil, fmt.Errorf("reading secret_key_path of the blob URL: %w", err)
	}
	if len(secret) == 0 {
		return nil, errors.New("reading secret_key_path of the blob URL: the file is empty")
	}
	return &Links{bucket: bucket, signer: fileblob.NewURLSignerHMAC(base, secret)}, nil
}

// ServeHTTP implements http.Handler. What is served is for programs: a browser saves it and runs nothing of it.
func (l *Links) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, err := l.signer.KeyFromURL(r.Context(), r.URL)
	if err != nil || r.URL.Query().Get("method") != http.MethodGet {
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
		return
	}
	l.serve(r.Context(), w, r, key)
}

func (l *Links) serve(ctx context.Context, w http.ResponseWriter, r *http.Request, key string) {
	reader, err := l.bucket.NewReader(ctx, key, nil)
	if err != nil {
		status := http.StatusServiceUnavailable
		if gcerrors.Code(err) == gcerrors.NotFound {
			status = http.StatusNotFound
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	defer func() { _ = reader.Close() }()
	header := w.Header()
	header.Set("Content-Type", reader.ContentType())
	header.Set("Content-Disposition", "attachment")
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r, "", reader.ModTime(), reader)
}
