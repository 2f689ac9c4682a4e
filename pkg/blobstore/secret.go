package blobstore

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

const (
	// secretSize is the length of the secret in random bytes.
	secretSize = 32
	secretMode = 0o600
)

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
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // it never fails
	temporary, err := os.CreateTemp(filepath.Dir(path), ".secret-*")
	if err != nil {
		return fmt.Errorf("making the secret of links: %w", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.WriteString(hex.EncodeToString(secret))
	if err = errors.Join(err, temporary.Chmod(secretMode), temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("writing the secret of links: %w", err)
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // it is there whole, or not at all
		return fmt.Errorf("keeping the secret of links: %w", err)
	}
	return nil
}
