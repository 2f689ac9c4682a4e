package email

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Headers are the header fields of a message beside those that every provider has a place of its own for: its thread, and
// that a program wrote it.
func Headers(outbound channel.Outbound) map[string]string {
	headers := map[string]string{}
	if parent := Bracketed(outbound.InReplyTo); parent != "" {
		headers["In-Reply-To"] = parent
	}
	if references := Bracketed(outbound.References...); references != "" {
		headers["References"] = references
	}
	if outbound.Automatic {
		headers["Auto-Submitted"] = "auto-generated"
		if outbound.InReplyTo != "" {
			headers["Auto-Submitted"] = "auto-replied"
		}
		headers["X-Auto-Response-Suppress"] = "All"
	}
	return headers
}

// Copies are the recipients of a message beside the one it is to, each once: whoever is written to openly gets no hidden
// copy.
func Copies(outbound channel.Outbound) (cc, bcc []string) {
	to, _ := Person(outbound.To)
	cc = Without(Addresses(outbound.Cc...), to)
	return cc, Without(Addresses(outbound.Bcc...), append([]string{to}, cc...)...)
}

// Mark stands for an address where only a few letters fit, and where the address itself has no business.
func Mark(address string) string {
	const letters = 16
	plain, _ := Person(address)
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])[:letters]
}

// IsOther tells that news is of another recipient than the one whose mark went with the message. Without a mark it is not.
func IsOther(mark, recipient string) bool {
	return mark != "" && recipient != "" && Mark(recipient) != mark
}
