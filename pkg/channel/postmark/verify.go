package postmark

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// digest makes values of any length comparable in constant time.
func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// Verify implements channel.Receiver: user and password of HTTP Basic. The body is not covered, there is no signature.
func (c *connection) Verify(webhook channel.Webhook) error {
	request := http.Request{Header: webhook.Header}
	user, password, ok := request.BasicAuth()
	if !ok {
		return fmt.Errorf("verifying: user and password are missing: %w", channel.ErrBadSignature)
	}
	matched := subtle.ConstantTimeCompare(digest(user), c.user) & subtle.ConstantTimeCompare(digest(password), c.password)
	if matched != 1 {
		return fmt.Errorf("verifying: user or password is wrong: %w", channel.ErrBadSignature)
	}
	return nil
}
