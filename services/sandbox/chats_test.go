package sandbox_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	chatNumber   = "+15002000003"
	chatCustomer = "+14055550123"
	chatHidden   = "US.13491208655302741918"
)

// chat makes a customer write first, so that the window is open, and gives the connection and a message that answers.
func (h *house) chat(t *testing.T, customer string) (channel.Connection, channel.Outbound) {
	t.Helper()
	connection, account := h.connect(t, channel.WhatsApp)
	h.writes(t, map[string]any{"from": customer, "body": "hello"})
	return connection, h.outbound(channel.WhatsApp, account.Provider, chatNumber, customer)
}

// writes lets a customer write on WhatsApp and gives what the adapter reads of it.
func (h *house) writes(t *testing.T, draft map[string]any) channel.Inbound {
	t.Helper()
	before := len(h.arrived(t, 0))
	body := map[string]any{"channel": "whatsapp", "to": chatNumber}
	maps.Copy(body, draft)
	got := h.own(t, http.MethodPost, "/api/messages", body)
	require.Equal(t, http.StatusAccepted, got.status, string(got.body))
	delivery := h.delivery(t, h.arrived(t, before+1)[before])
	require.Len(t, delivery.Inbound, 1)
	return delivery.Inbound[0]
}

// delivery is what the adapter reads out of a webhook.
func (h *house) delivery(t *testing.T, post hook) channel.Delivery {
	t.Helper()
	connection, _ := h.connect(t, channel.WhatsApp)
	webhook := h.webhook(post)
	require.NoError(t, connection.Verify(webhook))
	delivery, err := connection.Parse(webhook)
	require.NoError(t, err)
	return delivery
}

// chatTold are the statuses of a message that have arrived after the first so many webhooks.
func (h *house) chatTold(t *testing.T, message channel.Outbound, after, n int) []channel.Receipt {
	t.Helper()
	var told []channel.Receipt
	for _, post := range h.arrived(t, after+n)[after:] {
		for _, receipt := range h.delivery(t, post).Receipts {
			require.Equal(t, message.MessageID, receipt.MessageID)
			require.Equal(t, message.WorkspaceID, receipt.WorkspaceID)
			told = append(told, receipt)
		}
	}
	slices.SortFunc(told, func(a, b channel.Receipt) int {
		first, _ := a.Status.Rank()
		second, _ := b.Status.Rank()
		return first - second
	})
	return told
}

func TestChatsTravelBothWaysFromAWorkspacesOwnNumber(t *testing.T) {
	t.Parallel()
	for _, customer := range []string{chatCustomer, chatHidden} {
		t.Run(customer, func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			connection, message := h.chat(t, customer)
			checked, err := connection.Check(t.Context())
			require.NoError(t, err)
			require.True(t, checked.CanSend && checked.CanReceive, checked.Detail)
			accepted, err := connection.Send(t.Context(), message)
			require.NoError(t, err)
			received := h.received(t, customer)[0]
			require.Equal(t, accepted.ExternalID, received["id"])
			require.Equal(t, chatNumber, received["from"])
			require.Equal(t, "whatsapp", received["channel"])
			told := h.chatTold(t, message, 1, 2)
			require.Equal(t, channel.Sent, told[0].Status)
			require.Equal(t, channel.Delivered, told[1].Status)
			require.Equal(t, chatNumber, told[1].From)

			got := h.own(t, http.MethodPost, "/api/messages/"+accepted.ExternalID+"/actions/open", nil)
			require.Equal(t, http.StatusNoContent, got.status, string(got.body))
			h.own(t, http.MethodPost, "/api/messages/"+accepted.ExternalID+"/actions/open", nil)
			require.Equal(t, channel.Read, h.chatTold(t, message, 3, 1)[0].Status)
			require.Equal(t, true, h.received(t, customer)[0]["isRead"])

			answer := h.writes(t, map[string]any{"from": customer, "body": "ok 👍", "inReplyTo": accepted.ExternalID})
			require.Equal(t, accepted.ExternalID, answer.ReplyToExternalID)
			require.Equal(t, customer, answer.From)
			require.Equal(t, []string{chatNumber}, answer.To)
			require.Empty(t, answer.Aliases)
		})
	}
}

func TestChatOutsideTheWindowFailsAndATemplatePasses(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection, account := h.connect(t, channel.WhatsApp)
	message := h.outbound(channel.WhatsApp, account.Provider, chatNumber, chatCustomer)
	_, err := connection.Send(t.Context(), message)
	require.NoError(t, err, "it is told only later")
	failed := h.chatTold(t, message, 0, 1)[0]
	require.Equal(t, channel.Failed, failed.Status)
	require.Equal(t, channel.CodeWindowClosed, failed.Failure.Code)
	require.Empty(t, h.received(t, chatCustomer))

	templater, ok := connection.(channel.Templater)
	require.True(t, ok)
	templates, err := templater.Templates(t.Context(), channel.WhatsApp, chatNumber)
	require.NoError(t, err)
	at := slices.IndexFunc(templates, func(one channel.Template) bool { return one.ID == "appointment" })
	require.Equal(t, channel.TemplateApproved, templates[at].Status)
	values := map[string]string{"1": "Friday", "2": "ten"}
	message.Template = &channel.TemplateUse{ID: "appointment", Language: "en_US", Parameters: values}
	accepted, err := connection.Send(t.Context(), message)
	require.NoError(t, err)
	received := h.received(t, chatCustomer)[0]
	require.Equal(t, templates[at].Render(values), received["body"])
	require.Equal(t, []any{"Yes", "No"}, received["buttons"])
	require.Equal(t, map[string]any{"id": "appointment", "language": "en_US"}, received["template"])

	h.arrived(t, 3)
	pressed := h.writes(t, map[string]any{"from": chatCustomer, "inReplyTo": accepted.ExternalID, "button": "Yes"})
	require.Equal(t, "Yes", pressed.Body)
	require.Equal(t, accepted.ExternalID, pressed.ReplyToExternalID)
	message.Template = nil
	_, err = connection.Send(t.Context(), message)
	require.NoError(t, err)
	require.Len(t, h.received(t, chatCustomer), 2, "the button has opened the window")

	for _, wrong := range []channel.TemplateUse{
		{ID: "nobody", Language: "en_US"},
		{ID: "appointment", Language: "fr"},
		{ID: "spring_sale", Language: "en_US"},
		{ID: "appointment", Language: "en_US", Parameters: map[string]string{"1": "Friday"}},
	} {
		message.Template = &wrong
		_, err = connection.Send(t.Context(), message)
		require.Equal(t, channel.Permanent, channel.ClassOf(err), wrong)
	}
}

// picture is a file that can be fetched, and its content.
func picture(t *testing.T) (address string, content []byte) {
	t.Helper()
	content = append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte("x"), 4096)...)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/picture.png" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(content)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/picture.png", content
}

// shown is the content of the first file of an item, as the page loads it.
func (h *house) shown(t *testing.T, item map[string]any) []byte {
	t.Helper()
	files, ok := item["attachments"].([]any)
	require.True(t, ok)
	require.Len(t, files, 1)
	file, ok := files[0].(map[string]any)
	require.True(t, ok)
	at, ok := file["url"].(string)
	require.True(t, ok)
	return h.own(t, http.MethodGet, at, nil).body
}

func TestChatsCarryFilesBothWays(t *testing.T) {
	t.Parallel()
	address, content := picture(t)

	t.Run("by link, by upload, and not when it is gone", func(t *testing.T) {
		t.Parallel()
		h := setup(t, nil)
		connection, message := h.chat(t, chatCustomer)
		message.Body = "Look"
		message.Files = []channel.File{{Filename: "picture.png", ContentType: "image/png", URL: address}}
		_, err := connection.Send(t.Context(), message)
		require.NoError(t, err)
		received := h.received(t, chatCustomer)
		require.Equal(t, "Look", received[0]["body"])
		require.Equal(t, content, h.shown(t, received[0]))
		h.chatTold(t, message, 1, 2)

		message.Files[0].URL = ""
		message.Files[0].Open = func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
		_, err = connection.Send(t.Context(), message)
		require.NoError(t, err)
		require.Equal(t, content, h.shown(t, h.received(t, chatCustomer)[1]))
		h.chatTold(t, message, 3, 2)

		message.Files[0].URL = address + "x"
		_, err = connection.Send(t.Context(), message)
		require.NoError(t, err)
		require.Equal(t, channel.CodeFileRefused, h.chatTold(t, message, 5, 1)[0].Failure.Code)
		require.Len(t, h.received(t, chatCustomer), 2)
	})

	t.Run("a customer's file is given to the account alone", func(t *testing.T) {
		t.Parallel()
		h := setup(t, nil)
		inbound := h.writes(t, map[string]any{"from": chatCustomer, "body": "See", "attachments": []any{map[string]string{
			"filename": "a.png", "contentType": "image/png", "content": base64.StdEncoding.EncodeToString(content),
		}}})
		require.Equal(t, "See", inbound.Body)
		require.Equal(t, "image/png", inbound.Media[0].ContentType)
		connection, _ := h.connect(t, channel.WhatsApp)
		completer, ok := connection.(channel.Completer)
		require.True(t, ok)
		require.NoError(t, completer.Complete(t.Context(), &inbound))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, inbound.Media[0].URL, http.NoBody)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, h.do(t, request).status)
		authorizer, ok := connection.(channel.MediaAuthorizer)
		require.True(t, ok)
		authorizer.AuthorizeMedia(request)
		require.Equal(t, content, h.do(t, request).body)
	})
}

func TestChatsAreRefusedWithTheProvidersCode(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection, message := h.chat(t, chatCustomer)
	for to, class := range map[string]channel.Class{"+14055550000": channel.Permanent, "+14055550001": channel.OptedOut} {
		message.To = to
		_, err := connection.Send(t.Context(), message)
		require.Equal(t, class, channel.ClassOf(err), to)
	}
	message.To = chatCustomer
	for fault, class := range map[string]channel.Class{
		"131056": channel.RateLimited, "190": channel.Auth, "131048": channel.Quota, "131016": channel.Retryable,
		"502": channel.UnknownOutcome, "131031": channel.PermanentConfig,
	} {
		h.fault(t, map[string]any{"provider": "meta", "failWith": fault, "failCount": 1})
		_, err := connection.Send(t.Context(), message)
		require.Equal(t, class, channel.ClassOf(err), fault)
	}
	for _, draft := range []map[string]any{
		{"from": "nobody", "body": "x"},
		{"from": chatNumber, "body": "x"},
		{"from": chatCustomer},
		{"from": chatCustomer, "body": "x", "to": "+14155550100"},
		{"from": chatCustomer, "button": "Yes"},
	} {
		body := map[string]any{"channel": "whatsapp", "to": chatNumber}
		maps.Copy(body, draft)
		require.Equal(t, http.StatusUnprocessableEntity, h.own(t, http.MethodPost, "/api/messages", body).status, draft)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/meta/v23.0/"+sandbox.MetaAccount+"/phone_numbers", http.NoBody)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, h.do(t, request).status)
}
