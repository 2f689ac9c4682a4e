package sms_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
)

func FuzzCheckAnswerNeverPanics(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0" encoding="UTF-8"?><Response/>`))
	f.Add([]byte(`<Response><Message>hi</Message></Response>`))
	f.Add([]byte(`{"not":"xml"}`))
	f.Fuzz(func(_ *testing.T, body []byte) { _ = sms.CheckAnswer(body) })
}

func TestCheckAnswerWantsAResponse(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`<?xml version="1.0" encoding="UTF-8"?><Response/>`: true, `<Response><Message>hi</Message></Response>`: true,
		`<Response>`: false, `<Other/>`: false, `{}`: false, ``: false, `ok`: false,
	} {
		require.Equal(t, want, sms.CheckAnswer([]byte(body)) == nil, body)
	}
}
