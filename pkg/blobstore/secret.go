package blobstore

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"

	"github.com/galaxyco-ai/conversations/pkg/secretfile"
)

// secretSize is the length of the secret in random bytes.
const secretSize = 32

// MakeSecret writes the file that signs links, which the parameter secret_key_path of a file:// URL names, when it is
// not there. Several processes may do so at once: the first decides. A URL without the parameter needs none.
func MakeSecret(blobURL string) error {
	parsed, err := url.Parse(blobURL)
	if err != nil {
		return fmt.Errorf("reading the blob URL: %w", err)
	}
	path := parsed.Query().Get("secret_key_path")
	if parsed.Scheme != "file" || path == "" {
		return nil
	}
	_, err = secretfile.Make(path, func() ([]byte, error) {
		secret := make([]byte, secretSize)
		_, _ = rand.Read(secret) // it never fails
		return []byte(hex.EncodeToString(secret)), nil
	})
	if err != nil {
		return fmt.Errorf("making the secret of links: %w", err)
	}
	return nil
}
