package sendgrid

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"mime"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const (
	headerSignature = "X-Twilio-Email-Event-Webhook-Signature"
	headerTimestamp = "X-Twilio-Email-Event-Webhook-Timestamp"
	// maxBody is the provider's own limit for an inbound e-mail.
	maxBody = 30 << 20
	// maxSignature is more than any signature of the curve takes in base64.
	maxSignature = 256
)

// publicKey decodes a verification key: base64 of a P-256 key in its PKIX form.
func publicKey(text string) (*ecdsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(der) == 0 {
		return nil, fmt.Errorf("it is empty or no base64: %w", channel.ErrInvalidCredential)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("it is no public key: %w", channel.ErrInvalidCredential)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("it is not of the curve P-256: %w", channel.ErrInvalidCredential)
	}
	return key, nil
}

// Verify implements channel.Receiver: ECDSA over time and body. Events and inbound e-mail have a key each; without the
// key for inbound e-mail none is proved. The time has no tolerance: the provider repeats a webhook for days, and every
// event has an id that makes its repetition harmless.
func (c *connection) Verify(webhook channel.Webhook) error {
	key := c.eventKey
	if boundary, ok := boundaryOf(webhook); ok {
		key = c.parseKey
		// The boundary is not signed: another one would have another form read out of the same bytes.
		if !bytes.HasPrefix(webhook.Body, []byte("--"+boundary)) {
			return fmt.Errorf("verifying: the form does not begin with its boundary: %w", channel.ErrBadSignature)
		}
	}
	if key == nil {
		return fmt.Errorf("verifying: there is no %s: %w", fieldParseKey, channel.ErrBadSignature)
	}
	stamp, text := webhook.Header.Get(headerTimestamp), webhook.Header.Get(headerSignature)
	if _, ok := timeOfStamp(stamp); !ok || text == "" || len(text) > maxSignature || len(webhook.Body) > maxBody {
		return fmt.Errorf("verifying: time or signature is missing or malformed: %w", channel.ErrBadSignature)
	}
	signature, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("verifying: the signature is no base64: %w", channel.ErrBadSignature)
	}
	hash := sha256.New()
	hash.Write([]byte(stamp))
	hash.Write(webhook.Body)
	if !ecdsa.VerifyASN1(key, hash.Sum(nil), signature) {
		return fmt.Errorf("verifying: the signature does not match: %w", channel.ErrBadSignature)
	}
	return nil
}

// timeOfStamp reads a time of ten digits. Nothing separates it from the body in what is signed, so a time of another
// length could be part of the body.
func timeOfStamp(stamp string) (time.Time, bool) {
	const digits = 10
	if len(stamp) != digits || strings.Trim(stamp, "0123456789") != "" {
		return time.Time{}, false
	}
	seconds := int64(0)
	for _, digit := range stamp {
		seconds = seconds*10 + int64(digit-'0')
	}
	return time.Unix(seconds, 0).UTC(), true
}

// boundaryOf tells a form, which is inbound e-mail, from events.
func boundaryOf(webhook channel.Webhook) (string, bool) {
	mediaType, parameters, err := mime.ParseMediaType(webhook.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/form-data" {
		return "", false
	}
	return parameters["boundary"], true
}
