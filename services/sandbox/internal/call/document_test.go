package call_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
)

func TestParseDocumentIsStrict(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`<?xml version="1.0" encoding="UTF-8"?><Response/>`:                                                        true,
		`<Response><Say language="en-US">Hi &amp; bye</Say></Response>`:                                            true,
		`<Response><Dial>+14155550101</Dial></Response>`:                                                           true,
		`<Response><Dial action="/x"><Number>+14155550101</Number><Number>+14155550102</Number></Dial></Response>`: true,
		`<Response><Gather><Say>Press one</Say></Gather><Hangup/></Response>`:                                      true,
		``: false, `{}`: false, `<response/>`: false, `<Response>`: false, `<Other/>`: false, `<Response/><Response/>`: false,
		`<Response><say>Hi</say></Response>`:                                                            false,
		`<Response><Transfer/></Response>`:                                                              false,
		`<Response><Dial/></Response>`:                                                                  false,
		`<Response><Dial><Sip>a</Sip></Dial></Response>`:                                                false,
		`<Response><Redirect/></Response>`:                                                              false,
		`<!DOCTYPE x [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>`:                             false,
		`<Response><Say>` + strings.Repeat("x", 5_000) + `</Say></Response>`:                            false,
		`<Response>` + strings.Repeat(`<Hangup/>`, 200) + `</Response>`:                                 false,
		`<Response>` + strings.Repeat(`<Gather>`, 50) + strings.Repeat(`</Gather>`, 50) + `</Response>`: false,
		`<Response><Dial>` + strings.Repeat(`<Number>+14155550101</Number>`, 11) + `</Dial></Response>`: false,
	} {
		_, err := call.ParseDocument([]byte(body))
		if want {
			require.NoError(t, err, body)
			continue
		}
		require.ErrorIs(t, err, call.ErrBadDocument, body)
	}
	verbs, err := call.ParseDocument([]byte(`<Response><Say>one</Say><Dial timeout="5"><Number url="/w">+1</Number></Dial></Response>`))
	require.NoError(t, err)
	require.Equal(t, []call.Verb{
		{Name: "Say", Attr: map[string]string{}, Text: "one"},
		{Name: "Dial", Attr: map[string]string{"timeout": "5"}, Nouns: []call.Verb{
			{Name: "Number", Attr: map[string]string{"url": "/w"}, Text: "+1"},
		}},
	}, verbs)
}

func FuzzParseDocument(f *testing.F) {
	for _, body := range []string{
		`<Response><Say language="en">Hi</Say><Record action="https://example.com/" maxLength="5"/></Response>`,
		`<Response><Dial timeout="-1" callerId="x"><Number statusCallback="#">+1</Number></Dial></Response>`,
		`<Response><Gather timeout="9999999999"><Pause length="x"/></Gather><Redirect>/a</Redirect></Response>`,
		`<!DOCTYPE a><Response/>`, `<Response xmlns:a="b"><a:Say/></Response>`, "\xff", `<Response><![CDATA[x]]></Response>`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		verbs, err := call.ParseDocument(body)
		if err != nil {
			require.ErrorIs(t, err, call.ErrBadDocument)
			return
		}
		require.LessOrEqual(t, len(verbs), 100)
	})
}
