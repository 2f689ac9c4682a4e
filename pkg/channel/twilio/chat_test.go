package twilio_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

func chat() channel.Outbound {
	message := outbound()
	message.Kind = channel.WhatsApp
	return message
}

// chatCase is the same account on WhatsApp.
func chatCase() channeltest.Case {
	c := testCase()
	c.Message = chat()
	c.Read = func(request *http.Request, body []byte) channeltest.Sent {
		sent := read(request, body)
		sent.To = sent.To[len("whatsapp:"):]
		return sent
	}
	c.Status = func(sent channeltest.Sent, word string) channel.Webhook {
		return post(sent.StatusURL, form("SmsSid", sent.ID, "SmsStatus", word, "MessageStatus", word, "EventType", "DELIVERED",
			"To", "whatsapp:"+sent.To, "MessageSid", sent.ID, "AccountSid", account, "From", "whatsapp:"+number,
			"ChannelPrefix", "whatsapp", "ErrorCode", "63003"))
	}
	c.Inbound = chatInbounds()
	c.Irrelevant = nil
	c.Find = &channeltest.Find{
		Known: func(message channel.Outbound, externalID string, created time.Time) channeltest.Reply {
			return list(chatEntry("other", "Another text", created), chatEntry(externalID, message.Body, created))
		},
		Others: func(message channel.Outbound, created time.Time) channeltest.Reply {
			elsewhere := chatEntry("elsewhere", message.Body, created)
			elsewhere["to"] = "whatsapp:+14055550124"
			return list(chatEntry("other", "Another text", created), elsewhere)
		},
	}
	return c
}

func chatEntry(id, body string, created time.Time) map[string]any {
	told := entry(id, body, created)
	told["from"], told["to"] = "whatsapp:"+number, "whatsapp:"+customer
	return told
}

func chatInbounds() []channeltest.Inbound {
	hook := func(pairs ...string) channel.Webhook {
		return post(hookURL, form(append([]string{
			"MessageSid", "SM5", "SmsStatus", "received", "From", "whatsapp:" + customer, "To", "whatsapp:" + number,
			"ProfileName", "Ana", "WaId", customer[1:], "AccountSid", account,
		}, pairs...)...))
	}
	want := channel.Inbound{
		Kind: channel.WhatsApp, ExternalID: "SM5", Account: account, From: customer, FromName: "Ana", To: []string{number},
	}
	text, button, place, picture := want, want, want, want
	text.Body = "hi"
	button.Body, button.ReplyToExternalID = "Yes, confirm", "MM8"
	place.Body = "Location: Office, 1 Main St, 52.52,13.4"
	picture.Media = []channel.Media{{URL: "https://files.example.test/p", ContentType: "image/jpeg"}}
	scoped := want
	scoped.From, scoped.Aliases, scoped.Body = "US.13491208655302741918", []string{customer}, "by name"
	return []channeltest.Inbound{
		{Webhook: hook("Body", "hi", "MessageType", "text"), Want: text},
		{
			Webhook: hook("Body", "", "MessageType", "button", "ButtonText", "Yes, confirm", "ButtonPayload", "confirm", "OriginalRepliedMessageSid", "MM8"),
			Want:    button,
		},
		{
			Webhook: hook("Body", "", "Latitude", "52.52", "Longitude", "13.4", "Label", "Office", "Address", "1 Main St"),
			Want:    place,
		},
		{Webhook: hook("NumMedia", "1", "MediaUrl0", "https://files.example.test/p", "MediaContentType0", "image/jpeg"), Want: picture},
		{
			Webhook: post(hookURL, form("MessageSid", "SM5", "From", "whatsapp:US.13491208655302741918", "To", "whatsapp:"+number,
				"ProfileName", "Ana", "WaId", customer[1:], "AccountSid", account, "Body", "by name")),
			Want: scoped,
		},
	}
}

func TestConformance_on_WhatsApp(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, chatCase())
}

// sentForm sends a message and returns the form it went out as.
func sentForm(t *testing.T, message channel.Outbound, more ...string) url.Values {
	t.Helper()
	at := channeltest.Answering(t, testCase().Accepted)
	_, err := connect(t, at.URL, more...).Send(t.Context(), message)
	require.NoError(t, err)
	values, err := url.ParseQuery(string(at.Requests()[0].Content))
	require.NoError(t, err)
	return values
}

func TestSend_with_files(t *testing.T) {
	t.Parallel()

	t.Run("each is fetched at its own address", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.Body = ""
		message.Files = []channel.File{{Filename: "a", URL: "https://files.example.test/a"}, {Filename: "b", URL: "https://files.example.test/b"}}
		values := sentForm(t, message)
		require.Equal(t, []string{"https://files.example.test/a", "https://files.example.test/b"}, values["MediaUrl"])
		require.False(t, values.Has("Body"), "a picture alone has no text")
	})

	t.Run("one without an address is not sent", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, testCase().Accepted)
		message := outbound()
		message.Files = []channel.File{{Filename: "a.png"}}
		_, err := connect(t, at.URL).Send(t.Context(), message)
		require.Equal(t, channel.Permanent, channel.ClassOf(err))
		require.Equal(t, channel.CodeFileUnavailable, channel.FailureOf(err).Code)
		require.Empty(t, at.Requests())
	})

	t.Run("the segments of a text are told, those of a chat are none", func(t *testing.T) {
		t.Parallel()
		for segments, message := range map[int]channel.Outbound{2: outbound(), 0: chat()} {
			accepted, err := connect(t, channeltest.Answering(t, testCase().Accepted).URL).Send(t.Context(), message)
			require.NoError(t, err)
			require.Equal(t, segments, accepted.Segments)
		}
	})
}

func TestSend_on_WhatsApp(t *testing.T) {
	t.Parallel()

	t.Run("both sides carry the prefix, and no messaging service is named", func(t *testing.T) {
		t.Parallel()
		values := sentForm(t, chat(), "messaging_service_sid", "MG1")
		require.Equal(t, "whatsapp:"+number, values.Get("From"))
		require.Equal(t, "whatsapp:"+customer, values.Get("To"))
		require.False(t, values.Has("MessagingServiceSid"))
	})

	t.Run("the sender is the WhatsApp number where there is one", func(t *testing.T) {
		t.Parallel()
		message := chat()
		message.From = ""
		require.Equal(t, "whatsapp:+14155238886", sentForm(t, message, "whatsapp_number", "+1 415 523 8886").Get("From"))
		require.Equal(t, "whatsapp:"+number, sentForm(t, message).Get("From"))
	})

	t.Run("a template goes by its id, with the values of its gaps", func(t *testing.T) {
		t.Parallel()
		message := chat()
		message.Template = &channel.TemplateUse{ID: "HX1", Language: "en", Parameters: map[string]string{"1": "Ana & Bo", "2": `"x"`}}
		values := sentForm(t, message)
		require.Equal(t, "HX1", values.Get("ContentSid"))
		require.False(t, values.Has("Body"))
		var variables map[string]string
		require.NoError(t, json.Unmarshal([]byte(values.Get("ContentVariables")), &variables))
		require.Equal(t, message.Template.Parameters, variables)
		message.Template.Parameters = nil
		require.False(t, sentForm(t, message).Has("ContentVariables"))
	})
}

func TestFind_compares_the_files(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
	message := outbound()
	message.Files = []channel.File{{Filename: "a", URL: "https://files.example.test/a"}}
	plain, pictured := entry("plain", message.Body, since), entry("pictured", message.Body, since)
	pictured["num_media"] = "1"
	finder, ok := connect(t, channeltest.Answering(t, list(plain, pictured)).URL).(channel.Finder)
	require.True(t, ok)
	found, err := finder.Find(t.Context(), message, since)
	require.NoError(t, err)
	require.Equal(t, "pictured", found.ExternalID)
	require.Equal(t, 1, found.Segments)
	found, err = finder.Find(t.Context(), outbound(), since)
	require.NoError(t, err)
	require.Equal(t, "plain", found.ExternalID)
}
