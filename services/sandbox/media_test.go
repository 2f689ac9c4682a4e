package sandbox_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// as makes the real adapter of a provider, also of one that is not in the environment.
func (h *house) as(t *testing.T, name string) channel.Connection {
	t.Helper()
	registry, err := all.Registry()
	require.NoError(t, err)
	provider, ok := registry.Provider(name)
	require.True(t, ok)
	credential := map[string]channel.Credential{
		"signalwire": {
			"project_id": sandbox.SignalWireProject, "token": sandbox.SignalWireToken, "signing_key": sandbox.SignalWireSigningKey,
			"space_url": h.url + "/signalwire", "phone_number": sandbox.SignalWireNumber, "whatsapp_number": "+15002000005",
		},
		"twilio": {
			"account_sid": sandbox.TwilioAccount, "auth_token": sandbox.TwilioToken, "phone_number": sandbox.TwilioNumber,
			"base_url": h.url + "/twilio",
		},
	}[name]
	connection, err := provider.Connect(credential, h.client)
	require.NoError(t, err)
	return connection
}

// news is what an adapter reads out of the webhooks from the n-th to the m-th.
func (h *house) news(t *testing.T, connection channel.Connection, n, m int) channel.Delivery {
	t.Helper()
	var all channel.Delivery
	for _, post := range h.arrived(t, m)[n:m] {
		webhook := h.webhook(post)
		require.NoError(t, connection.Verify(webhook))
		delivery, err := connection.Parse(webhook)
		require.NoError(t, err)
		all.Inbound, all.Receipts = append(all.Inbound, delivery.Inbound...), append(all.Receipts, delivery.Receipts...)
	}
	slices.SortFunc(all.Receipts, func(a, b channel.Receipt) int {
		first, _ := a.Status.Rank()
		second, _ := b.Status.Rank()
		return first - second
	})
	return all
}

func TestPicturesTravelBothWaysByText(t *testing.T) {
	t.Parallel()
	address, content := picture(t)
	for name, last := range map[string]channel.Status{"signalwire": channel.Sent, "twilio": channel.Delivered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			connection := h.as(t, name)
			message := h.outbound(channel.SMS, name, "+15002000001", "+14055550123")
			message.Files = []channel.File{{Filename: "a.png", ContentType: "image/png", URL: address}}
			since := time.Now()
			accepted, err := connection.Send(t.Context(), message)
			require.NoError(t, err)
			require.Equal(t, content, h.shown(t, h.received(t, "+14055550123")[0]))
			callbacks := map[channel.Status]int{channel.Sent: 3, channel.Delivered: 4}[last]
			receipts := h.news(t, connection, 0, callbacks).Receipts
			require.Equal(t, last, receipts[len(receipts)-1].Status)
			finder, ok := connection.(channel.Finder)
			require.True(t, ok)
			found, err := finder.Find(t.Context(), message, since)
			require.NoError(t, err)
			require.Equal(t, accepted.ExternalID, found.ExternalID)

			message.Files[0].URL = address + "x"
			_, err = connection.Send(t.Context(), message)
			require.NoError(t, err, "it is told only later")
			receipts = h.news(t, connection, callbacks, callbacks+4).Receipts
			require.Equal(t, "63019", receipts[len(receipts)-1].Failure.ProviderCode)

			got := h.own(t, http.MethodPost, "/api/messages", map[string]any{
				"channel": "sms", "provider": name, "from": "+14055550123", "to": "+15002000001", "attachments": []any{map[string]string{
					"filename": "a.png", "contentType": "image/png", "content": base64.StdEncoding.EncodeToString(content),
				}},
			})
			require.Equal(t, http.StatusAccepted, got.status, string(got.body))
			inbound := h.news(t, connection, callbacks+4, callbacks+5).Inbound[0]
			require.Equal(t, content, h.fetched(t, connection, inbound.Media[0]))

			lister, ok := connection.(channel.Lister)
			require.True(t, ok)
			page, err := lister.List(t.Context(), since.Add(-time.Minute), "")
			require.NoError(t, err)
			require.Len(t, page.Inbound, 1, "the list tells what the webhook told")
			require.Equal(t, inbound.ExternalID, page.Inbound[0].ExternalID)
			require.Equal(t, content, h.fetched(t, connection, page.Inbound[0].Media[0]))
			require.Len(t, page.Receipts, 2)
		})
	}
}

// fetched is the content of a file that a provider keeps for us.
func (h *house) fetched(t *testing.T, connection channel.Connection, media channel.Media) []byte {
	t.Helper()
	require.Equal(t, "image/png", media.ContentType)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, media.URL, http.NoBody)
	require.NoError(t, err)
	if authorizer, ok := connection.(channel.MediaAuthorizer); ok {
		authorizer.AuthorizeMedia(request)
	}
	got := h.do(t, request)
	require.Equal(t, http.StatusOK, got.status)
	return got.body
}

func TestTwilioServesWhatsAppToo(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection := h.as(t, "twilio")
	write := func(draft map[string]any) channel.Inbound {
		before := len(h.arrived(t, 0))
		draft["channel"], draft["provider"], draft["from"] = "whatsapp", "twilio", "+14055550123"
		got := h.own(t, http.MethodPost, "/api/messages", draft)
		require.Equal(t, http.StatusAccepted, got.status, string(got.body))
		return h.news(t, connection, before, before+1).Inbound[0]
	}
	message := h.outbound(channel.WhatsApp, "twilio", "+15002000004", "+14055550123")
	_, err := connection.Send(t.Context(), message)
	require.NoError(t, err)
	closed := h.news(t, connection, 0, 4).Receipts[3]
	require.Equal(t, channel.CodeWindowClosed, closed.Failure.Code)
	require.Equal(t, channel.WhatsApp, closed.Kind)

	templater, ok := connection.(channel.Templater)
	require.True(t, ok)
	templates, err := templater.Templates(t.Context(), channel.WhatsApp, message.From)
	require.NoError(t, err)
	require.Len(t, templates, 3)
	message.Template = &channel.TemplateUse{ID: templates[1].ID, Language: "en", Parameters: map[string]string{"1": "Friday"}}
	accepted, err := connection.Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, "Can you come on Friday?", h.received(t, "+14055550123")[0]["body"])
	h.arrived(t, 8)
	pressed := write(map[string]any{"to": message.From, "inReplyTo": accepted.ExternalID, "button": "Yes"})
	require.Equal(t, "Yes", pressed.Body)
	require.Equal(t, accepted.ExternalID, pressed.ReplyToExternalID)
	require.Equal(t, channel.WhatsApp, pressed.Kind)
	require.NotEmpty(t, pressed.FromName)

	message.Template = nil
	accepted, err = connection.Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, channel.Delivered, h.news(t, connection, 9, 13).Receipts[3].Status)
	require.Equal(t, http.StatusNoContent, h.own(t, http.MethodPost, "/api/messages/"+accepted.ExternalID+"/actions/open", nil).status)
	require.Equal(t, channel.Read, h.news(t, connection, 13, 14).Receipts[0].Status)

	message.Template = &channel.TemplateUse{ID: templates[2].ID}
	_, err = connection.Send(t.Context(), message)
	require.Equal(t, channel.PermanentConfig, channel.ClassOf(err), "it is not approved")
	message.Template, message.From = nil, "+14155550100"
	_, err = connection.Send(t.Context(), message)
	require.Equal(t, channel.PermanentConfig, channel.ClassOf(err))
}

func TestSignalWireServesTheAlphaOfWhatsApp(t *testing.T) {
	t.Parallel()
	address, content := picture(t)
	h := setup(t, nil)
	connection := h.as(t, "signalwire")
	message := h.outbound(channel.WhatsApp, "signalwire", "+15002000005", "+14055550123")
	_, err := connection.Send(t.Context(), message)
	require.NoError(t, err)
	closed := h.news(t, connection, 0, 3).Receipts[2]
	require.Equal(t, channel.CodeWindowClosed, closed.Failure.Code)
	require.Equal(t, message.MessageID, closed.MessageID)

	message.Template = &channel.TemplateUse{ID: "t-1", Parameters: map[string]string{"1": "Ana"}}
	_, err = connection.Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, "Template t-1 Ana", h.received(t, "+14055550123")[0]["body"])
	h.arrived(t, 6)

	got := h.own(t, http.MethodPost, "/api/messages", map[string]any{
		"channel": "whatsapp", "provider": "signalwire", "from": "+14055550123", "to": message.From, "body": "hi",
		"attachments": []any{map[string]string{"filename": "a.png", "contentType": "image/png", "content": base64.StdEncoding.EncodeToString(content)}},
	})
	require.Equal(t, http.StatusAccepted, got.status, string(got.body))
	inbound := h.news(t, connection, 6, 7).Inbound[0]
	require.Equal(t, channel.WhatsApp, inbound.Kind)
	require.Equal(t, "+14055550123", inbound.From)
	require.Equal(t, content, h.fetched(t, connection, inbound.Media[0]))

	message.Template = nil
	message.Files = []channel.File{{Filename: "a.png", ContentType: "image/png", URL: address}}
	accepted, err := connection.Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, content, h.shown(t, h.received(t, "+14055550123")[1]))
	require.Equal(t, channel.Delivered, h.news(t, connection, 7, 10).Receipts[2].Status)
	require.Equal(t, http.StatusNoContent, h.own(t, http.MethodPost, "/api/messages/"+accepted.ExternalID+"/actions/open", nil).status)
	require.Equal(t, channel.Read, h.news(t, connection, 10, 11).Receipts[0].Status)

	lister, ok := connection.(channel.Lister)
	require.True(t, ok)
	texts, err := lister.List(t.Context(), time.Now().Add(-time.Hour), "")
	require.NoError(t, err)
	chats, err := lister.List(t.Context(), time.Now().Add(-time.Hour), texts.Next)
	require.NoError(t, err)
	require.Len(t, chats.Inbound, 1)
	require.Len(t, chats.Receipts, 3)
}
