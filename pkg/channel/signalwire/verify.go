package signalwire

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the provider signs with HMAC-SHA1
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Verify implements channel.Receiver. JSON webhooks are signed in hex over URL and body (scheme A), form webhooks in
// base64 over URL and sorted values (scheme B); JSON on the compatibility surface is scheme B without values, and its
// body is proved by bodySHA256 in the URL. There is no timestamp: a repeated webhook is the dedupe key's business.
func (c *connection) Verify(webhook channel.Webhook) error {
	given := cmp.Or(webhook.Header.Get("X-Signalwire-Signature"), webhook.Header.Get("X-Twilio-Signature"))
	if given == "" {
		return fmt.Errorf("verifying: the signature header is missing: %w", channel.ErrBadSignature)
	}
	mac, _ := c.macs.Get().(hash.Hash)
	if mac == nil {
		mac = hmac.New(sha1.New, c.signingKey)
	}
	defer c.macs.Put(mac)
	if !proves(mac, given, webhook) {
		return fmt.Errorf("verifying: no scheme matches: %w", channel.ErrBadSignature)
	}
	return nil
}

// proves tells whether the signature is that of a scheme; its length, which is no secret, tells which it can be.
func proves(mac hash.Hash, given string, webhook channel.Webhook) bool {
	variants := portVariants(webhook.URL)
	switch len(given) {
	case hex.EncodedLen(sha1.Size):
		return slices.ContainsFunc(variants, func(at string) bool {
			return equal(given, hex.EncodeToString(sum(mac, at, webhook.Body)))
		})
	case base64.StdEncoding.EncodedLen(sha1.Size):
		signs := func(covered []byte) bool {
			return slices.ContainsFunc(variants, func(at string) bool {
				return equal(given, base64.StdEncoding.EncodeToString(sum(mac, at, covered)))
			})
		}
		return signs(sortedPairs(webhook.Body)) || provesBody(webhook.URL, webhook.Body) && signs(nil)
	default:
		return false
	}
}

func sum(mac hash.Hash, at string, covered []byte) []byte {
	mac.Reset()
	mac.Write([]byte(at))
	mac.Write(covered)
	return mac.Sum(nil)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// sortedPairs is what scheme B signs after the URL: names and values, sorted by name, repeated names in the order of
// submission and each of them kept.
func sortedPairs(body []byte) []byte {
	pairs := channel.ReadForm(string(body))
	slices.SortStableFunc(pairs, func(a, b channel.FormValue) int { return strings.Compare(a.Name, b.Name) })
	signed := make([]byte, 0, len(body))
	for _, p := range pairs {
		signed = append(append(signed, p.Name...), p.Value...)
	}
	return signed
}

// provesBody tells whether a signature over the URL alone covers the body too: the URL holds its hash, or there is
// nothing in it to cover.
func provesBody(rawURL string, body []byte) bool {
	if _, query, ok := strings.Cut(rawURL, "?"); ok {
		for _, p := range channel.ReadForm(query) {
			if p.Name == "bodySHA256" {
				sum := sha256.Sum256(body)
				return equal(strings.ToLower(p.Value), hex.EncodeToString(sum[:]))
			}
		}
	}
	content := bytes.TrimSpace(body)
	return len(content) == 0 || string(content) == "{}"
}

// portVariants is the URL as configured and, because the provider may sign it with or without the standard port, the
// same with the port added or removed. Another port stays. The text is never normalised.
func portVariants(rawURL string) []string {
	scheme, rest, ok := strings.Cut(rawURL, "://")
	standard := channel.StandardPort(scheme)
	if !ok || standard == "" {
		return []string{rawURL}
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, path := rest[:end], rest[end:]
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	port := strings.LastIndexByte(host, ':')
	if port >= 0 && !strings.HasSuffix(host, "]") {
		if host[port+1:] != standard {
			return []string{rawURL}
		}
		return []string{rawURL, scheme + "://" + strings.TrimSuffix(authority, ":"+standard) + path}
	}
	return []string{rawURL, scheme + "://" + authority + ":" + standard + path}
}
