package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the provider signs with HMAC-SHA1
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/url"
	"slices"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Verify implements channel.Receiver. The auth token signs the URL and the sorted values of a form. A body that is no
// form is proved by bodySHA256 in the URL, and the URL alone is signed. There is no timestamp: a repeated webhook is
// the dedupe key's business.
func (c *connection) Verify(webhook channel.Webhook) error {
	given := webhook.Header.Get("X-Twilio-Signature")
	if given == "" {
		return fmt.Errorf("verifying: the signature header is missing: %w", channel.ErrBadSignature)
	}
	mac, _ := c.macs.Get().(hash.Hash)
	if mac == nil {
		mac = hmac.New(sha1.New, []byte(c.account.password))
	}
	defer c.macs.Put(mac)
	variants := urlVariants(webhook.URL)
	signs := func(covered []byte) bool {
		return slices.ContainsFunc(variants, func(at string) bool { return equal(given, sum(mac, at, covered)) })
	}
	if signs(sortedPairs(webhook.Body)) || provesBody(webhook.URL, webhook.Body) && signs(nil) {
		return nil
	}
	return fmt.Errorf("verifying: no signature matches: %w", channel.ErrBadSignature)
}

func sum(mac hash.Hash, at string, covered []byte) string {
	mac.Reset()
	mac.Write([]byte(at))
	mac.Write(covered)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// sortedPairs is what is signed after the URL: names and values, sorted by name and then by value, each pair once.
// Nothing is trimmed.
func sortedPairs(body []byte) []byte {
	pairs := channel.ReadForm(string(body))
	slices.SortFunc(pairs, func(a, b channel.FormValue) int {
		if order := strings.Compare(a.Name, b.Name); order != 0 {
			return order
		}
		return strings.Compare(a.Value, b.Value)
	})
	signed := make([]byte, 0, len(body))
	for _, p := range slices.Compact(pairs) {
		signed = append(append(signed, p.Name...), p.Value...)
	}
	return signed
}

// provesBody tells whether the URL holds the hash of the body, so that a signature over the URL alone covers both.
func provesBody(rawURL string, body []byte) bool {
	rawURL, _, _ = strings.Cut(rawURL, "#")
	_, query, _ := strings.Cut(rawURL, "?")
	for _, p := range channel.ReadForm(query) {
		if p.Name == "bodySHA256" {
			sum := sha256.Sum256(body)
			return equal(strings.ToLower(p.Value), hex.EncodeToString(sum[:]))
		}
	}
	return false
}

// urlVariants are the texts the provider may have signed for one URL: with and without the port, the query as it came
// and re-encoded. The fragment, which configures the connection, is never signed; nothing else is normalised.
func urlVariants(rawURL string) []string {
	rawURL, _, _ = strings.Cut(rawURL, "#")
	variants := portVariants(rawURL)
	for _, at := range slices.Clone(variants) {
		place, query, ok := strings.Cut(at, "?")
		if !ok {
			continue
		}
		for _, encoded := range queryVariants(query) {
			if variant := place + "?" + encoded; !slices.Contains(variants, variant) {
				variants = append(variants, variant)
			}
		}
	}
	return variants
}

// portVariants is the URL as it is, without its port, and with the standard port where it has none.
func portVariants(rawURL string) []string {
	scheme, rest, ok := strings.Cut(rawURL, "://")
	standard := channel.StandardPort(scheme)
	if !ok || standard == "" {
		return []string{rawURL}
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority, path := rest[:end], rest[end:]
	host := authority[strings.LastIndexByte(authority, '@')+1:] // a user and a password stay
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 && !strings.HasSuffix(host, "]") {
		return []string{rawURL, scheme + "://" + strings.TrimSuffix(authority, host[colon:]) + path}
	}
	return []string{rawURL, scheme + "://" + authority + ":" + standard + path}
}

// queryVariants are the same query in the encodings in use: the way browsers escape it, with the apostrophe as it is,
// and every value decoded and encoded again.
func queryVariants(query string) []string {
	browser := strings.NewReplacer("'", "%27", " ", "%20", `"`, "%22", "<", "%3C", ">", "%3E").Replace(query)
	var again []string
	for _, p := range channel.ReadForm(query) {
		again = append(again, encode(p.Name)+"="+encode(p.Value))
	}
	return []string{browser, strings.ReplaceAll(query, "%27", "'"), strings.Join(again, "&")}
}

// encode escapes all but letters, digits and -_.!~*'().
func encode(text string) string {
	return strings.NewReplacer("+", "%20", "%21", "!", "%2A", "*", "%27", "'", "%28", "(", "%29", ")").
		Replace(url.QueryEscape(text))
}
