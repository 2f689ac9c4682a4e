package resend

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const (
	secretPrefix  = "whsec_"
	signatureV1   = "v1,"
	maxSignatures = 32
	// tolerance is how far the time in a webhook may be from ours, either way.
	tolerance = 5 * time.Minute
)

// signingKey decodes a webhook secret. An empty key would verify anything, so it is refused.
func signingKey(secret string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(key) == 0 {
		return nil, fmt.Errorf("it is empty or no base64: %w", channel.ErrInvalidCredential)
	}
	return key, nil
}

// Verify implements channel.Receiver: HMAC-SHA256 over id, time and body. The header may hold several signatures,
// while a secret is being replaced; any of version 1 will do.
func (c *connection) Verify(webhook channel.Webhook) error {
	id, stamp, signatures := signatureHeaders(webhook)
	if id == "" || stamp == "" || signatures == "" {
		return fmt.Errorf("verifying: a signature header is missing: %w", channel.ErrBadSignature)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("verifying: the time is no number: %w", channel.ErrBadSignature)
	}
	now, window := webhook.ReceivedAt.Unix(), int64(tolerance/time.Second)
	if seconds < now-window || seconds > now+window {
		return fmt.Errorf("verifying: the time is outside the tolerance: %w", channel.ErrBadSignature)
	}
	mac := hmac.New(sha256.New, c.secret)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(webhook.Body)
	expected, matched := []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), 0
	for i, signature := range strings.SplitN(signatures, " ", maxSignatures+1) {
		if given, ok := strings.CutPrefix(signature, signatureV1); ok && i < maxSignatures {
			matched |= subtle.ConstantTimeCompare([]byte(given), expected)
		}
	}
	if matched == 0 {
		return fmt.Errorf("verifying: no signature matches: %w", channel.ErrBadSignature)
	}
	return nil
}

// signatureHeaders reads the three headers under the vendor's name or the standard one, never mixed.
func signatureHeaders(webhook channel.Webhook) (id, stamp, signatures string) {
	for _, prefix := range []string{"svix", "webhook"} {
		id = webhook.Header.Get(prefix + "-id")
		stamp, signatures = webhook.Header.Get(prefix+"-timestamp"), webhook.Header.Get(prefix+"-signature")
		if id != "" && stamp != "" && signatures != "" {
			break
		}
	}
	return id, stamp, signatures
}
