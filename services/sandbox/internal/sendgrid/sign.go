package sendgrid

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

var errNoSeed = errors.New("the seed is empty")

// keyOf makes the key of a webhook: the same of the same seed.
func keyOf(seed string) (*ecdsa.PrivateKey, error) {
	if seed == "" {
		return nil, errNoSeed
	}
	sum := sha256.Sum256([]byte(seed))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), sum[:])
	if err != nil {
		return nil, fmt.Errorf("making a key of the seed: %w", err)
	}
	return key, nil
}

// PublicKey is the verification key that belongs to a seed, as the provider shows it.
func PublicKey(seed string) (string, error) {
	key, err := keyOf(seed)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "", fmt.Errorf("encoding the key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(der), nil
}

// sign signs a webhook: ECDSA with SHA-256 over time and body, nothing between them.
func sign(request *http.Request, key *ecdsa.PrivateKey, body []byte) error {
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	sum := sha256.Sum256(append([]byte(stamp), body...))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	request.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", stamp)
	request.Header.Set("X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(signature))
	return nil
}
