package twilio_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twilio/twilio-go/client"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// signedAs is a webhook at one URL whose signature covers the text.
func signedAs(at, body, text string) channel.Webhook {
	webhook := post(at, []byte(body))
	webhook.Header.Set("X-Twilio-Signature", sum(secret, text))
	return webhook
}

func TestVerify_takes_what_the_provider_signs(t *testing.T) {
	t.Parallel()
	hash := sha256.Sum256([]byte(`{"a":1}`))
	hashed := "https://a.test/x?bodySHA256=" + hex.EncodeToString(hash[:])
	for name, webhook := range map[string]channel.Webhook{
		"repeated names, sorted and once":    signedAs("https://a.test/x", "b=2&a=9&b=1&b=2", "https://a.test/xa9b1b2"),
		"empty values":                       signedAs("https://a.test/x", "b=&a=1", "https://a.test/xa1b"),
		"white space":                        signedAs("https://a.test/x", "a=%20x%0A", "https://a.test/xa x\n"),
		"capitals before small letters":      signedAs("https://a.test/x", "b=1&B=2", "https://a.test/xB2b1"),
		"GET":                                signedAs("https://a.test/x?From=%2B1&Body=hi", "", "https://a.test/x?From=%2B1&Body=hi"),
		"JSON proved by the URL":             signedAs(hashed, `{"a":1}`, hashed),
		"JSON proved in capitals":            signedAs(strings.Replace(hashed, hex.EncodeToString(hash[:]), strings.ToUpper(hex.EncodeToString(hash[:])), 1), `{"a":1}`, strings.Replace(hashed, hex.EncodeToString(hash[:]), strings.ToUpper(hex.EncodeToString(hash[:])), 1)),
		"no fragment":                        signedAs("https://a.test/x?q=1#rc=3&rt=5000", "a=1", "https://a.test/x?q=1a1"),
		"seen without, signed with the port": signedAs("https://a.test/x", "a=1", "https://a.test:443/xa1"),
		"seen with, signed without the port": signedAs("https://a.test:443/x", "a=1", "https://a.test/xa1"),
		"another port, signed":               signedAs("https://a.test:8443/x", "a=1", "https://a.test:8443/xa1"),
		"another port, stripped":             signedAs("https://a.test:8443/x", "a=1", "https://a.test/xa1"),
		"http with port 80":                  signedAs("http://a.test?q=1", "a=1", "http://a.test:80?q=1a1"),
		"an IPv6 host":                       signedAs("https://[::1]/x", "a=1", "https://[::1]:443/xa1"),
		"an IPv6 host with its port":         signedAs("https://[::1]:443/x", "a=1", "https://[::1]/xa1"),
		"a user and a password":              signedAs("https://u:p@a.test/x", "a=1", "https://u:p@a.test:443/xa1"),
		"an escaped apostrophe":              signedAs("https://a.test/x?b=It's+on", "a=1", "https://a.test/x?b=It%27s+ona1"),
		"an apostrophe that was escaped":     signedAs("https://a.test/x?b=It%27s+on", "a=1", "https://a.test/x?b=It's+ona1"),
		"a query that is encoded again":      signedAs("https://a.test/x?b=It%27s+on%21&c", "a=1", "https://a.test/x?b=It's%20on!&c=a1"),
	} {
		require.NoError(t, connect(t, "").Verify(webhook), name)
	}
}

func TestVerify_refuses_what_is_not_proved(t *testing.T) {
	t.Parallel()
	for name, webhook := range map[string]channel.Webhook{
		"a body under a signature of the URL alone": signedAs("https://a.test/x", "MessageSid=SM1&MessageStatus=delivered", "https://a.test/x"),
		"JSON under a signature of the URL alone":   signedAs("https://a.test/x", `{"a":1}`, "https://a.test/x"),
		"an empty object under the same":            signedAs("https://a.test/x", "{}", "https://a.test/x"),
		"a hash of another body":                    signedAs("https://a.test/x?bodySHA256=00", `{"a":1}`, "https://a.test/x?bodySHA256=00"),
		"a hash in the fragment": signedAs("https://a.test/x#?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862",
			`{"a":1}`, "https://a.test/x"),
		"another scheme":        signedAs("https://a.test/x", "a=1", "http://a.test/xa1"),
		"another standard port": signedAs("https://a.test/x", "a=1", "https://a.test:80/xa1"),
		"another path":          signedAs("https://a.test/x/", "a=1", "https://a.test/xa1"),
		"unsorted":              signedAs("https://a.test/x", "b=2&a=1", "https://a.test/xb2a1"),
		"another value":         signedAs("https://a.test/x", "a=1&a=2", "https://a.test/xa1"),
	} {
		require.ErrorIs(t, connect(t, "").Verify(webhook), channel.ErrBadSignature, name)
	}
}

// TestVerify_agrees_with_the_vendors_validator where that one is complete: each name once, a host by name.
func TestVerify_agrees_with_the_vendors_validator(t *testing.T) {
	t.Parallel()
	validator, connection := client.NewRequestValidator(secret), connect(t, "")
	bodies := []string{"", "a=1", "b=2&a=1", "Reason=x&ReasonEnd=y&a=%2B1", "a=%20&b=", "Body=Gr%C3%BC%C3%9Fe"}
	signed := []string{"", "a1", "a1b2", "b2a1", "Reasonx" + "ReasonEndy" + "a+1", "a b", "BodyGrüße"}
	for _, at := range []string{"https://a.test/x?q=1", "https://a.test:443/x?q=1", "http://u:p@a.test/x", "http://a.test:8080/", "https://a.test:8443/x"} {
		for _, base := range []string{at, "https://a.test/x?q=1", "https://a.test:443/x?q=1", "http://u:p@a.test:80/x", "http://a.test/", "https://a.test/x"} {
			for _, body := range bodies {
				for _, text := range signed {
					webhook := signedAs(at, body, base+text)
					given := webhook.Header.Get("X-Twilio-Signature")
					require.Equal(t, validator.ValidateBody(at, []byte(body), given), connection.Verify(webhook) == nil,
						"%s with %q signed as %s", at, body, base+text)
				}
			}
		}
	}
	parsed, err := url.ParseQuery("a=2&a=1")
	require.NoError(t, err)
	require.False(t, validator.Validate("https://a.test/x", map[string]string{"a": parsed.Get("a")}, sum(secret, "https://a.test/xa1a2")),
		"a repeated name is what it gets wrong")
}
