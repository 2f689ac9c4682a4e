package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Verify implements channel.Receiver. The app secret signs the body as it came, in hex. There is no timestamp: a
// repeated webhook is the dedupe key's business. The older signature, by SHA-1, proves nothing here.
func (c *connection) Verify(webhook channel.Webhook) error {
	given, ok := strings.CutPrefix(webhook.Header.Get("X-Hub-Signature-256"), "sha256=")
	if !ok {
		return fmt.Errorf("verifying: the signature header is missing: %w", channel.ErrBadSignature)
	}
	signature, err := hex.DecodeString(given)
	if err != nil {
		return fmt.Errorf("verifying: the signature is no hex: %w", channel.ErrBadSignature)
	}
	mac := hmac.New(sha256.New, c.secret)
	mac.Write(webhook.Body)
	if !hmac.Equal(signature, mac.Sum(nil)) {
		return fmt.Errorf("verifying: the signature does not match: %w", channel.ErrBadSignature)
	}
	return nil
}

// maxChallenge bounds what is said back to whoever knows the verify token.
const maxChallenge = 1024

// Handshake implements channel.Handshaker: whoever knows the verify token gets the challenge back.
func (c *connection) Handshake(webhook channel.Webhook) (channel.Reply, bool) {
	parsed, err := url.Parse(webhook.URL)
	if err != nil || webhook.Method != http.MethodGet {
		return channel.Reply{}, false
	}
	query := parsed.Query()
	if query.Get("hub.mode") != "subscribe" {
		return channel.Reply{}, false
	}
	reply := channel.Reply{Status: http.StatusForbidden, ContentType: "text/plain; charset=utf-8", Body: "the verify token does not match"}
	challenge := query.Get("hub.challenge")
	same := subtle.ConstantTimeCompare([]byte(query.Get("hub.verify_token")), c.verify) == 1
	if same && len(challenge) <= maxChallenge {
		reply.Status, reply.Body = http.StatusOK, challenge
	}
	return reply, true
}
