package telephony_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

func parsed(t *testing.T, text string) *url.URL {
	t.Helper()
	at, err := url.Parse(text)
	require.NoError(t, err)
	return at
}

func TestMediaOf_reads_the_files_of_a_webhook_and_no_more_than_a_message_has(t *testing.T) {
	t.Parallel()
	fields := map[string]string{"MediaUrl1": "https://files.example.test/b", "MediaContentType1": "image/png", "MediaContentType2": "x"}
	require.Equal(t, []channel.Media{{URL: "https://files.example.test/b", ContentType: "image/png"}}, telephony.MediaOf(fields))
	for i := range 100 {
		fields["MediaUrl"+strconv.Itoa(i)] = "https://files.example.test/a"
	}
	require.Len(t, telephony.MediaOf(fields), telephony.MaxMedia)
}

func TestListedMedia_names_each_file_below_its_place(t *testing.T) {
	t.Parallel()
	place := parsed(t, "https://api.example.com/Messages/M1/Media")
	list := func(status int, body string) []channel.Media {
		return telephony.ListedMedia(channel.Answer{Status: status, Body: []byte(body)}, place)
	}
	require.Equal(t, []channel.Media{
		{URL: place.String() + "/ME1", ContentType: "image/png"}, {URL: place.String() + "/..%2F..%2Felsewhere"},
	}, list(http.StatusOK, `{"media_list":[{"sid":"ME1","content_type":"image/png"},{"sid":"../../elsewhere"}]}`))
	require.Empty(t, list(http.StatusNotFound, `{"media_list":[{"sid":"ME1"}]}`))
	require.Empty(t, list(http.StatusOK, `<html>`))
}

func TestIsOfAccount(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"https://api.example.com/Accounts/A1", "https://api.example.com/Accounts/A1/"} {
		for at, want := range map[string]bool{
			"https://api.example.com/Accounts/A1/x":             true,
			"https://API.example.com/Accounts/A1/x":             true,
			"http://api.example.com/Accounts/A1/x":              false,
			"https://api.example.com/Accounts/A10/x":            false,
			"https://api.example.com:444/Accounts/A1/x":         false,
			"https://api.example.com@example.net/Accounts/A1/x": false,
		} {
			require.Equal(t, want, telephony.IsOfAccount(parsed(t, at), parsed(t, account)), at)
		}
	}
}

func TestSegments_believes_no_number_that_cannot_be(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"2": 2, "1000": 1000, "1001": 0, "-1": 0, "": 0, "two": 0} {
		require.Equal(t, want, telephony.Segments(channel.SMS, text), text)
	}
	require.Zero(t, telephony.Segments(channel.WhatsApp, "2"), "a chat has none")
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	require.Equal(t, channel.WhatsApp, telephony.KindOf("+14155550123", "WhatsApp:+14155550199"))
	require.Equal(t, channel.SMS, telephony.KindOf("+14155550123", "sip:a@example.com", ""))
	for text, want := range map[string]string{
		"whatsapp:+1 (415) 555-0123": "+14155550123", "+1 415 555 0123": "+14155550123", "32665": "32665", "client:ann": "client:ann", "": "",
	} {
		require.Equal(t, want, telephony.Phone(text), text)
	}
}

func TestCheckNumber(t *testing.T) {
	t.Parallel()
	var listed telephony.Numbers
	require.True(t, channel.Readable([]byte(`{"incoming_phone_numbers":[{"phone_number":"+14155550101","capabilities":{"sms":false}},
		{"phone_number":"+14155550102","capabilities":{"sms":true}}]}`), &listed))
	for number, want := range map[string]string{
		"+14155550101": "The number cannot send or receive text messages.",
		"+14155550102": "The key works and the number can send and receive text messages.",
		"+14155550103": "The key works, but the number is not in this account.",
	} {
		result := vendor().CheckNumber(listed, number)
		require.True(t, result.KeyValid)
		require.Equal(t, want, result.Detail)
		require.Equal(t, number == "+14155550102", result.CanSend && result.CanReceive)
		require.Equal(t, number != "+14155550103", *result.SenderVerified)
	}
	refused := vendor().NoAddress(channel.File{Filename: "a.png"})
	require.Equal(t, `The file "a.png" has no public address from which Example could fetch it.`, refused.Message)
}
