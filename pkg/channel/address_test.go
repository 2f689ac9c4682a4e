package channel_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestNormalizeAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind     channel.Kind
		text     string
		want     string
		mustFail bool
	}{
		{channel.SMS, "+1 (415) 555-0123", "+14155550123", false},
		{channel.SMS, "+15002000001", "+15002000001", false},
		{channel.Call, "+49 30 901820", "+4930901820", false},
		{channel.WhatsApp, "+44 20 7946 0018", "+442079460018", false},
		{channel.WhatsApp, "US.13491208655302741918", "US.13491208655302741918", false},
		{channel.WhatsApp, "US.ENT.11815799212886844830", "US.ENT.11815799212886844830", false},
		{channel.WhatsApp, "us.13491208655302741918", "", true},
		{channel.WhatsApp, "US.", "", true},
		{channel.WhatsApp, "US.a.b.c", "", true},
		{channel.WhatsApp, "US.a b", "", true},
		{channel.WhatsApp, "US." + strings.Repeat("1", 133), "", true},
		{channel.SMS, "US.13491208655302741918", "", true},
		{channel.SMS, "4155550123", "", true},
		{channel.SMS, "+1", "", true},
		{channel.SMS, "", "", true},
		{channel.SMS, "tel:+1-415-555-0123", "+14155550123", false},
		{channel.SMS, " (+1) 415 555 0123", "+14155550123", false},
		{channel.SMS, "\uff0b１４１５５５５０１２３", "+14155550123", false},
		{channel.SMS, "whatsapp:+14155550123", "", true},
		{channel.SMS, "abc+14155550123", "", true},
		{channel.SMS, "Call me: +14155550123", "", true},
		{channel.SMS, "hello +14155550123 bye", "", true},
		{channel.SMS, "ana@example.com", "", true},
		{channel.Email, "Ana <Ana@Example.COM>", "ana@example.com", false},
		{channel.Email, "support+c_8f2@acme.example", "support+c_8f2@acme.example", false},
		{channel.Email, "ana", "", true},
		{channel.Email, "a@b@c", "", true},
		{channel.Email, "ana@example.com, bob@example.com", "", true},
		{channel.Email, strings.Repeat("a", 250) + "@example.com", "", true},
		{channel.LiveChat, "visitor-1", "visitor-1", false},
		{channel.LiveChat, "", "", true},
	} {
		got, err := channel.NormalizeAddress(c.kind, c.text)
		if c.mustFail {
			require.ErrorIs(t, err, channel.ErrInvalidAddress, c.text)
			continue
		}
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, got)
	}
	_, err := channel.NormalizeAddress("pigeon", "x")
	require.ErrorIs(t, err, channel.ErrUnknownKind)
}

func FuzzNormalizeAddress(f *testing.F) {
	for _, kind := range channel.Kinds() {
		for _, text := range []string{"+14155550123", "tel:+1-415-555-0123;ext=5", "Ana <Ana@Example.com>", `"a b"@example.com`, "ü@exämple.de", "US.ENT.1", "@", ""} {
			f.Add(string(kind), text)
		}
	}
	f.Fuzz(func(t *testing.T, kind, text string) {
		address, err := channel.NormalizeAddress(channel.Kind(kind), text)
		if err != nil {
			require.Empty(t, address)
			return
		}
		require.NotEmpty(t, address)
		require.LessOrEqual(t, len(address), 255)
		again, err := channel.NormalizeAddress(channel.Kind(kind), address)
		require.NoError(t, err, "%q normalised to %q", text, address)
		require.Equal(t, address, again, "normalising twice is normalising once")
	})
}
