package signalwire

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzCheckXMLNeverPanics(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0" encoding="UTF-8"?><Response/>`))
	f.Add([]byte(`<Response><Message>hi</Message></Response>`))
	f.Add([]byte(`{"not":"xml"}`))
	f.Fuzz(func(_ *testing.T, body []byte) { _ = checkXML(body) })
}

func TestCheckXMLWantsAResponse(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`<?xml version="1.0" encoding="UTF-8"?><Response/>`: true, `<Response><Message>hi</Message></Response>`: true,
		`<Response>`: false, `<Other/>`: false, `{}`: false, ``: false, `ok`: false,
	} {
		require.Equal(t, want, checkXML([]byte(body)) == nil, body)
	}
}
