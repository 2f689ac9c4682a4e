// Package blobstore opens the blob store, the same way in every service, and makes links to what is in it.
package blobstore

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:// URLs
	_ "gocloud.dev/blob/s3blob"   // s3:// URLs
	"gocloud.dev/gcerrors"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// LinkLife is how long a link works: long enough for a provider that fetches the file late.
const LinkLife = 6 * time.Hour

// Open opens the blob store at a gocloud.dev/blob URL, file:// or s3://.
func Open(ctx context.Context, url string) (*blob.Bucket, error) {
	bucket, err := blob.OpenBucket(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("opening the blob store: %w", err)
	}
	return bucket, nil
}

// Owns tells that a key is one of the workspace's. A key that would be another one when it is cleaned up is nobody's.
func Owns(ws workspace.ID, key string) bool {
	return !ws.IsZero() && strings.HasPrefix(key, ws.String()+"/") && path.Clean(key) == key
}

// Link is a URL under which anybody can read a blob for a while; empty when the store makes no links.
func Link(ctx context.Context, bucket *blob.Bucket, key string) (string, error) {
	link, err := bucket.SignedURL(ctx, key, &blob.SignedURLOptions{Expiry: LinkLife})
	if gcerrors.Code(err) == gcerrors.Unimplemented {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("making a link to %s: %w", key, err)
	}
	return link, nil
}
