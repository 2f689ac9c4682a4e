package signalwire_test

import (
	"encoding/json"
	"net/http"
	"strconv"
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

func chatCredential(base, signingKey string) channel.Credential {
	fields := credential(base, signingKey)
	fields["whatsapp_number"] = number
	return fields
}

// chatCase is the same project on WhatsApp, which is on the REST API. Its log shows neither our ids nor the text.
func chatCase() channeltest.Case {
	c := testCase()
	c.Credential, c.Message, c.Find, c.Unlisted = chatCredential, chat(), nil, true
	c.Accepted, c.AcceptedID = channeltest.Reply{Status: http.StatusCreated, Body: chatAccepted}, "chat-1"
	limited := chatRefusal(429, "20429", "")
	limited.Header = map[string]string{"Retry-After": "7"}
	c.Refusals = map[channel.Class]channeltest.Reply{
		channel.Permanent:       chatRefusal(422, "invalid_parameter", "To is invalid"),
		channel.PermanentConfig: chatRefusal(422, "21606", "The From number is not yours"),
		channel.Auth:            {Status: 401, Body: `{"error":"Unauthorized"}`},
		channel.RateLimited:     limited,
		channel.WindowClosed:    chatRefusal(422, "63016", "outside the window"),
		channel.OptedOut:        {Status: 201, Body: `{"id":"x","status":"failed","error_code":21610}`},
	}
	c.Refusal = func(text string) channeltest.Reply { return chatRefusal(400, "invalid_parameter", text) }
	c.Read = readChat
	c.Status = func(sent channeltest.Sent, word string) channel.Webhook {
		body, _ := json.Marshal(map[string]any{
			"id": sent.ID, "project_id": project, "kind": "whatsapp", "status": word, "error_code": "63019", "body": sent.Body,
			"from": "whatsapp:" + number, "to": sent.To, "timestamp": "2026-03-17T22:26:57Z",
		})
		return post(sent.StatusURL, body)
	}
	c.Inbound = chatInbounds()
	c.Irrelevant = []channel.Webhook{
		post(hookURL, []byte(`{"id":"chat-2","status":"receiving","kind":"whatsapp","from":"whatsapp:`+customer+`","to":"whatsapp:`+number+`"}`)),
	}
	return c
}

func chatRefusal(status int, code, message string) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{"type": "validation_error", "code": code, "message": message}}})
	return channeltest.Reply{Status: status, Body: string(body)}
}

func readChat(request *http.Request, body []byte) channeltest.Sent {
	var sent struct {
		To   string            `json:"to"`
		Body string            `json:"body"`
		At   string            `json:"status_callback"`
		Ours map[string]string `json:"custom_variables"`
	}
	_ = json.Unmarshal(body, &sent)
	attempt, _ := strconv.Atoi(sent.Ours["attempt"])
	return channeltest.Sent{
		To: sent.To, Body: sent.Body, StatusURL: sent.At, WorkspaceID: sent.Ours["workspace_id"], MessageID: sent.Ours["message_id"],
		Attempt: attempt, Authorization: request.Header.Get("Authorization"),
	}
}

// chatInbounds are messages of every form that a text has been seen in.
func chatInbounds() []channeltest.Inbound {
	var inbounds []channeltest.Inbound
	for body, text := range map[string]string{
		`"text"`: "text", `{"text":"inside"}`: "inside", `{"caption":"below","link":"x"}`: "below", `null`: "", `7`: "", `{"x":[]}`: "",
	} {
		inbounds = append(inbounds, channeltest.Inbound{
			Webhook: post(hookURL, []byte(`{"message":{"message_id":"in-1","project_id":"`+project+`","from":"whatsapp:`+customer+
				`","to":"whatsapp:`+number+`","body":`+body+`,"media":[{"url":"https://files.example.test/p","content_type":"image/png"}]}}`)),
			Want: channel.Inbound{
				Kind: channel.WhatsApp, ExternalID: "in-1", Account: project, From: customer, To: []string{number}, Body: text,
				Media: []channel.Media{{URL: "https://files.example.test/p", ContentType: "image/png"}},
			},
		})
	}
	return inbounds
}

func TestConformance_on_WhatsApp(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, chatCase())
}

func connectChat(t *testing.T, base string) channel.Connection {
	t.Helper()
	connection, err := signalwire.New().Connect(chatCredential(base, secret), nil)
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
}

func TestParse_of_WhatsApp_takes_our_ids_from_the_variables(t *testing.T) {
	t.Parallel()
	delivery, err := connectChat(t, "http://127.0.0.1").Parse(post(hookURL, []byte(`{"id":"chat-1","status":"read","kind":"whatsapp",
		"from":"whatsapp:`+number+`","project_id":"`+project+`","custom_variables":{"workspace_id":"w-1","message_id":"m-1","attempt":"2"}}`)))
	require.NoError(t, err)
	receipt := delivery.Receipts[0]
	require.Equal(t, channel.WhatsApp, receipt.Kind)
	require.Equal(t, channel.Read, receipt.Status)
	require.Equal(t, "w-1m-1"+number, receipt.WorkspaceID+receipt.MessageID+receipt.From)
	require.Equal(t, 2, receipt.Attempt)
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
