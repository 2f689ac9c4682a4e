package event

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// RouteKey is the key of a route: provider, provider account, channel and address. A phone number serves texts and
// calls, each with a channel account of its own. Account and address are encoded, because they hold characters that a
// bucket key may not.
func RouteKey(provider, providerAccount string, kind channel.Kind, address string) string {
	return join(provider, encodeToken(providerAccount), string(kind), encodeToken(address))
}

// CredentialKey is the key of a workspace's own credential.
func CredentialKey(ws workspace.ID, credentialID string) string {
	return join(ws.String(), credentialID)
}

// AccessKey is the key of a session or API key: the SHA-256 of its secret, so that the bucket holds no secret.
func AccessKey(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// LedgerKey is the key of a message in the ledger.
func LedgerKey(ws workspace.ID, messageID string) string { return join(ws.String(), messageID) }

// ConsentKey is the key of what an address wants on a channel.
func ConsentKey(ws workspace.ID, kind channel.Kind, address string) string {
	return join(ws.String(), string(kind), encodeToken(address))
}

// WindowKey is the key of how long the customer of a conversation can be answered freely.
func WindowKey(ws workspace.ID, conversationID string) string {
	return join(ws.String(), conversationID)
}

// CallSettingsKey is the key of what a workspace does with calls.
func CallSettingsKey(ws workspace.ID) string { return ws.String() }

// TermsKey is the key of what a workspace may use.
func TermsKey(ws workspace.ID) string { return ws.String() }

// QuotaKey is the key of what a workspace has used in a period, such as 2026-11.
func QuotaKey(ws workspace.ID, period string) string { return join(ws.String(), period) }

// SweepKey is the key in the ledger of how far a provider account was swept.
func SweepKey(provider, account string) string {
	return join("sweep", encodeToken(provider), encodeToken(account))
}

// ExternalKey is the key in the ledger under which the message stands that has a provider's id. It names no workspace:
// the platform's account at a provider serves many, and the id is unique there.
func ExternalKey(provider, externalID string) string {
	sum := sha256.Sum256([]byte(externalID))
	return join("external", encodeToken(provider), hex.EncodeToString(sum[:]))
}

// LikenessKey is the key in the ledger under which an attempt stands that looks like others at its provider. Its last
// three tokens are workspace, message and attempt; see LikenessFilter.
func LikenessKey(provider, likeness, ws, messageID string, attempt int32) string {
	return join(likenessPrefix(provider, likeness), ws, messageID, strconv.Itoa(int(attempt)))
}

// LikenessFilter matches every LikenessKey of one likeness.
func LikenessFilter(provider, likeness string) string {
	return join(likenessPrefix(provider, likeness), ">")
}

func likenessPrefix(provider, likeness string) string {
	sum := sha256.Sum256([]byte(likeness))
	return join("likeness", encodeToken(provider), hex.EncodeToString(sum[:]))
}

// KeywordKey is the key in the ledger of a customer's STOP, START or HELP.
func KeywordKey(ws workspace.ID, messageID string) string {
	return join("keyword", ws.String(), messageID)
}

// HandledKey is the key of what an operator did with a message of QUARANTINE or DEADLETTER.
func HandledKey(stream string, sequence uint64) string {
	return join(strings.ToLower(stream), strconv.FormatUint(sequence, 10))
}

// LeaseKey is the key in the ledger that the one active process of a service holds.
func LeaseKey(service string) string { return join("lease", service) }

// IdempotencyKey is the key of a client's Idempotency-Key within its workspace.
func IdempotencyKey(ws workspace.ID, clientKey string) string {
	sum := sha256.Sum256([]byte(clientKey))
	return join(ws.String(), hex.EncodeToString(sum[:]))
}

// encodeToken writes any text as one token; the empty text is "-".
func encodeToken(text string) string {
	if text == "" {
		return "-"
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(text)))
}
