package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

const (
	// keyPrefix starts every API key, so that a leaked one is recognised.
	keyPrefix = "ck_"
	// shownKey is how much of a key is kept readable, to tell keys apart.
	shownKey = len(keyPrefix) + 6
)

// newToken makes 32 random bytes in base64url.
func newToken() (string, error) {
	var raw [32]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw[:]), nil
}

// newAPIKey makes the secret of an API key.
func newAPIKey() (string, error) {
	token, err := newToken()
	return keyPrefix + token, err
}

// digest is what is kept of a secret: enough to recognise it, useless to whoever reads it.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
