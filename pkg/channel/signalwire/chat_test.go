package signalwire_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/signalwire"
)

const chatAccepted = `{"id":"chat-1","status":"queued","kind":"whatsapp","from":"whatsapp:` + number + `"}`

func chat() channel.Outbound {
	message := outbound()
	message.Kind = channel.WhatsApp
	return message
}

func connectChat(t *testing.T, base string) channel.Connection {
	t.Helper()
	fields := credential(base, secret)
	fields["whatsapp_number"] = number
	connection, err := signalwire.New().Connect(fields, nil)
	require.NoError(t, err)
	return connection
}

// sentChat sends a message and returns its body and what the provider answered to it.
func sentChat(t *testing.T, message channel.Outbound) map[string]any {
	t.Helper()
	at := channeltest.Answering(t, channeltest.Reply{Status: http.StatusCreated, Body: chatAccepted})
	accepted, err := connectChat(t, at.URL+"/space").Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, channel.Accepted{ExternalID: "chat-1", Status: channel.Queued, ProviderStatus: "queued"}, accepted)
	request := at.Requests()[0]
	require.Equal(t, "/space/api/messaging/messages", request.URL.Path)
	user, password, _ := request.BasicAuth()
	require.Equal(t, project+token, user+password)
	var body map[string]any
	require.NoError(t, json.Unmarshal(request.Content, &body))
	return body
}

func TestWhatsApp_is_experimental(t *testing.T) {
	t.Parallel()
	description := signalwire.New().Describe()
	require.Equal(t, []channel.Kind{channel.WhatsApp}, description.Experimental)
	fields := credential("http://127.0.0.1", secret)
	fields["whatsapp_number"] = "12"
	_, err := signalwire.New().Connect(fields, nil)
	require.ErrorIs(t, err, channel.ErrInvalidCredential)
	require.ErrorContains(t, err, "whatsapp_number")
}

func TestSend_on_WhatsApp(t *testing.T) {
	t.Parallel()

	t.Run("a text", func(t *testing.T) {
		t.Parallel()
		body := sentChat(t, chat())
		require.Equal(t, "whatsapp:"+number, body["from"])
		require.Equal(t, customer, body["to"])
		require.Equal(t, "whatsapp_media_text", body["message_type"])
		require.Equal(t, outbound().Body, body["body"])
		require.Equal(t, statusURL, body["status_callback"])
		require.Equal(t, map[string]any{"workspace_id": "w-1", "message_id": "m-1", "attempt": "2"}, body["custom_variables"])
	})

	t.Run("a file", func(t *testing.T) {
		t.Parallel()
		message := chat()
		message.Files = []channel.File{{Filename: "a.pdf", ContentType: "application/pdf", URL: "https://files.example.test/a"}}
		body := sentChat(t, message)
		require.Equal(t, "whatsapp_media_document", body["message_type"])
		require.Equal(t, map[string]any{"link": "https://files.example.test/a", "caption": message.Body, "filename": "a.pdf"}, body["body"])
		message.Files[0].URL = ""
		at := channeltest.Answering(t, testCase().Accepted)
		_, err := connectChat(t, at.URL).Send(t.Context(), message)
		require.Equal(t, channel.CodeFileUnavailable, channel.FailureOf(err).Code)
		message.Files = append(message.Files, message.Files[0])
		_, err = connectChat(t, at.URL).Send(t.Context(), message)
		require.Equal(t, channel.CodeFileRefused, channel.FailureOf(err).Code)
		require.Empty(t, at.Requests())
	})

	t.Run("a template, its gaps in their order", func(t *testing.T) {
		t.Parallel()
		message := chat()
		message.Template = &channel.TemplateUse{ID: "t-1", Parameters: map[string]string{"10": "j", "2": "b", "1": "a", "name": "n"}}
		body := sentChat(t, message)
		require.Equal(t, "t-1", body["template_id"])
		require.NotContains(t, body, "body")
		texts := []string{}
		for _, one := range body["body_template_parameters"].([]any) {
			texts = append(texts, one.(map[string]any)["text"].(string))
		}
		require.Equal(t, "a b j n", strings.Join(texts, " "))
	})

	t.Run("what is refused, or not answered", func(t *testing.T) {
		t.Parallel()
		for class, reply := range map[channel.Class]channeltest.Reply{
			channel.Permanent:      {Status: 422, Body: `{"errors":[{"type":"validation_error","code":"invalid_parameter","message":"To is invalid"}]}`},
			channel.Auth:           {Status: 401, Body: `{"error":"Unauthorized"}`},
			channel.RateLimited:    {Status: 429, Body: `{"errors":[{"code":"20429"}]}`},
			channel.WindowClosed:   {Status: 422, Body: `{"errors":[{"code":"63016","message":"outside the window"}]}`},
			channel.OptedOut:       {Status: 201, Body: `{"id":"x","status":"failed","error_code":21610}`},
			channel.UnknownOutcome: {Status: 201, Body: `<html>`},
		} {
			_, err := connectChat(t, channeltest.Answering(t, reply).URL).Send(t.Context(), chat())
			require.Equal(t, class, channel.ClassOf(err), reply.Body)
		}
		finder, ok := connectChat(t, "http://127.0.0.1").(channel.Finder)
		require.True(t, ok)
		_, err := finder.Find(t.Context(), chat(), time.Now())
		require.ErrorIs(t, err, channel.ErrNotFound)
	})
}

func TestParse_of_WhatsApp(t *testing.T) {
	t.Parallel()
	parse := func(body string) channel.Delivery {
		webhook := post(hookURL, []byte(body))
		sign(&webhook, secret)
		connection := connectChat(t, "http://127.0.0.1")
		require.NoError(t, connection.Verify(webhook))
		delivery, err := connection.Parse(webhook)
		require.NoError(t, err)
		return delivery
	}
	receipt := parse(`{"id":"chat-1","status":"read","kind":"whatsapp","from":"whatsapp:` + number + `","project_id":"` + project +
		`","custom_variables":{"workspace_id":"w-1","message_id":"m-1","attempt":"2"}}`).Receipts[0]
	require.Equal(t, channel.WhatsApp, receipt.Kind)
	require.Equal(t, channel.Read, receipt.Status)
	require.Equal(t, "m-1"+number, receipt.MessageID+receipt.From)
	for body, want := range map[string]string{
		`"text"`: "text", `{"text":"inside"}`: "inside", `{"caption":"below","link":"x"}`: "below", `null`: "", `7`: "", `{"x":[]}`: "",
	} {
		inbound := parse(`{"message":{"message_id":"in-1","from":"whatsapp:` + customer + `","to":"whatsapp:` + number + `","body":` + body + `}}`).Inbound[0]
		require.Equal(t, channel.WhatsApp, inbound.Kind)
		require.Equal(t, want, inbound.Body)
		require.Equal(t, customer, inbound.From)
		require.Equal(t, []string{number}, inbound.To)
	}
}

func TestList_goes_on_with_the_log_of_WhatsApp(t *testing.T) {
	t.Parallel()
	at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
		body := `{"messages":[]}`
		if strings.HasSuffix(request.URL.Path, "/api/messaging/logs") {
			body = `{"data":[
				{"id":"c1","kind":"whatsapp","direction":"outbound","status":"delivered","from":"whatsapp:` + number + `","to":"` + customer + `","created_at":"2026-03-17T22:00:00Z"},
				{"id":"c2","kind":"whatsapp","direction":"inbound","status":"received","from":"whatsapp:` + customer + `","to":"whatsapp:` + number + `","body":"hi","created_at":"2026-03-17T22:00:01Z"},
				{"id":"c3","kind":"whatsapp","direction":"inbound","status":"received","from":"whatsapp:` + customer + `","to":"whatsapp:` + number + `"},
				{"id":"c4","kind":"sms","direction":"outbound","status":"sent"},
				{"id":"c5","kind":"whatsapp","direction":"outbound","status":"sent","created_at":"2026-03-17T02:00:00Z"}, 7],
				"links":{"next":"https://elsewhere.example.test/?page_number=1"}}`
			if request.URL.Query().Get("page_number") == "1" {
				body = `{"data":[],"links":{}}`
			}
		}
		_, _ = w.Write([]byte(body))
	})
	lister, ok := connectChat(t, at.URL).(channel.Lister)
	require.True(t, ok)
	since := time.Date(2026, 3, 17, 21, 0, 0, 0, time.UTC)
	texts, err := lister.List(t.Context(), since, "")
	require.NoError(t, err)
	chats, err := lister.List(t.Context(), since, texts.Next)
	require.NoError(t, err)
	require.Len(t, chats.Receipts, 1)
	require.Equal(t, "c1/delivered", chats.Receipts[0].DedupeKey)
	require.Equal(t, channel.WhatsApp, chats.Receipts[0].Kind)
	require.Len(t, chats.Inbound, 1)
	require.Equal(t, "hi", chats.Inbound[0].Body)
	last, err := lister.List(t.Context(), since, chats.Next)
	require.NoError(t, err)
	require.Empty(t, last.Delivery)

	alone, ok := connect(t, at.URL).(channel.Lister)
	require.True(t, ok)
	texts, err = alone.List(t.Context(), since, "")
	require.NoError(t, err)
	require.Equal(t, last.Next, texts.Next, "without a number for it nobody asks: the calls follow")
}
