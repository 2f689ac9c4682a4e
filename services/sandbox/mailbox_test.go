package sandbox_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	mailDesk = "ada-1@mail.sandbox.test"
	ana      = "ana@example.net"
	boss     = "boss@example.net"
	archive  = "archive@example.net"
)

// mailProviders runs a test with the real adapter of each mail provider, each in a sandbox of its own.
func mailProviders(t *testing.T, test func(t *testing.T, h *house, name string, connection channel.Connection)) {
	t.Helper()
	for name, connect := range map[string]func(t *testing.T, h *house) channel.Connection{
		"sendgrid": func(t *testing.T, h *house) channel.Connection {
			t.Helper()
			return h.connectSendGrid(t, sandbox.SendGridKey)
		},
		"postmark": func(t *testing.T, h *house) channel.Connection {
			t.Helper()
			return h.postmark(t, sandbox.PostmarkToken)
		},
		"resend": func(t *testing.T, h *house) channel.Connection {
			t.Helper()
			connection, _ := h.connect(t, channel.Email)
			return connection
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			test(t, h, name, connect(t, h))
		})
	}
}

func (h *house) envelope(name, to string) channel.Outbound {
	message := h.outbound(channel.Email, name, mailDesk, to)
	message.Subject, message.ReplyTo = "Your order", "ada-1+token@mail.sandbox.test"
	message.MessageID = uuid.NewSHA1(uuid.Nil, []byte(to)).String() // each has an idempotency key of its own
	return message
}

// heard reads every webhook until the test has heard enough.
func (h *house) heard(t *testing.T, connection channel.Connection, enough func(channel.Delivery) bool) channel.Delivery {
	t.Helper()
	var all channel.Delivery
	require.Eventually(t, func() bool {
		all = channel.Delivery{}
		for _, post := range h.arrived(t, 1) {
			webhook := h.webhook(post)
			require.NoError(t, connection.Verify(webhook))
			delivery, err := connection.Parse(webhook)
			require.NoError(t, err)
			all.Receipts = append(all.Receipts, delivery.Receipts...)
			all.Inbound = append(all.Inbound, delivery.Inbound...)
			all.Suppressions = append(all.Suppressions, delivery.Suppressions...)
		}
		return enough(all)
	}, 30*time.Second, 5*time.Millisecond)
	return all
}

// became waits for a receipt of a state.
func (h *house) became(t *testing.T, connection channel.Connection, status channel.Status) channel.Receipt {
	t.Helper()
	is := func(receipt channel.Receipt) bool { return receipt.Status == status }
	all := h.heard(t, connection, func(all channel.Delivery) bool { return slices.ContainsFunc(all.Receipts, is) })
	return all.Receipts[slices.IndexFunc(all.Receipts, is)]
}

func fileOf(name, contentType, contentID, content string) channel.File {
	return channel.File{
		Filename: name, ContentType: contentType, ContentID: contentID, Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}
}

func TestMailGoesToItsCopiesWithItsFiles(t *testing.T) {
	t.Parallel()
	mailProviders(t, func(t *testing.T, h *house, name string, connection channel.Connection) {
		t.Helper()
		message := h.envelope(name, ana)
		message.Cc, message.Bcc = []string{boss}, []string{archive}
		message.Automatic = true
		message.HTML = `<p>Hello <img src="cid:logo@ada"></p>`
		message.Files = []channel.File{
			fileOf("offer ü.pdf", "application/pdf", "", "an offer"), fileOf("logo.png", "image/png", "logo@ada", "\x89PNG"),
		}
		_, err := connection.Send(t.Context(), message)
		require.NoError(t, err)
		for _, customer := range []string{ana, boss, archive} {
			items := h.received(t, customer)
			require.Len(t, items, 1, customer)
			item := items[0]
			require.Contains(t, item["to"], ana)
			require.Contains(t, item["cc"], boss)
			require.Equal(t, true, item["automatic"])
			require.NotContains(t, string(h.own(t, http.MethodGet, "/api/messages?to="+ana, nil).body), archive, "a hidden copy is hidden")
			files, ok := item["attachments"].([]any)
			require.True(t, ok)
			require.Len(t, files, 2)
			offer, ok := files[0].(map[string]any)
			require.True(t, ok)
			require.Equal(t, "offer ü.pdf", offer["filename"])
			require.Equal(t, "application/pdf", offer["contentType"])
			require.InDelta(t, 8, offer["size"], 0)
			got := h.do(t, h.request(t, http.MethodGet, offer["url"].(string), ""))
			require.Equal(t, "an offer", string(got.body))
			require.Contains(t, got.header.Get("Content-Disposition"), "attachment")
			require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
			logo, ok := files[1].(map[string]any)
			require.True(t, ok)
			page := h.do(t, h.request(t, http.MethodGet, "/api/messages/"+item["id"].(string)+"/html", ""))
			require.Contains(t, string(page.body), logo["url"], "the picture stands in its place")
		}
		require.Equal(t, http.StatusNotFound, h.own(t, http.MethodGet, "/api/messages/"+h.received(t, ana)[0]["id"].(string)+"/files/2", nil).status)
	})
}

func TestMailToAnAddressThatBouncedIsHeldBack(t *testing.T) {
	t.Parallel()
	mailProviders(t, func(t *testing.T, h *house, name string, connection channel.Connection) {
		t.Helper()
		message := h.envelope(name, "bounce-1@example.net")
		_, err := connection.Send(t.Context(), message)
		require.NoError(t, err)
		require.False(t, h.became(t, connection, channel.Bounced).Failure.Retryable, "it bounced for good")
		again := message
		again.Attempt = 2
		_, err = connection.Send(t.Context(), again)
		if name == "postmark" {
			require.Equal(t, channel.Suppressed, channel.ClassOf(err))
			return
		}
		require.NoError(t, err)
		dropped := h.became(t, connection, channel.Failed)
		require.Equal(t, channel.CodeSuppressed, dropped.Failure.Code)
		require.Equal(t, 2, dropped.Attempt)
		all := h.heard(t, connection, func(all channel.Delivery) bool { return len(all.Suppressions) > 0 })
		require.Equal(t, "bounce-1@example.net", all.Suppressions[0].Address)
		require.Equal(t, message.WorkspaceID, all.Suppressions[0].WorkspaceID)
	})
}

func TestMailThatIsDeferredOrFindsAFullMailbox(t *testing.T) {
	t.Parallel()
	mailProviders(t, func(t *testing.T, h *house, name string, connection channel.Connection) {
		t.Helper()
		_, err := connection.Send(t.Context(), h.envelope(name, "defer-1@example.net"))
		require.NoError(t, err)
		h.became(t, connection, channel.Sending)
		h.became(t, connection, channel.Delivered)
		_, err = connection.Send(t.Context(), h.envelope(name, "softbounce-1@example.net"))
		require.NoError(t, err)
		require.True(t, h.became(t, connection, channel.Bounced).Failure.Retryable)
		require.Empty(t, h.received(t, "softbounce-1@example.net"))
		next := h.envelope(name, "softbounce-1@example.net")
		next.Attempt = 2
		_, err = connection.Send(t.Context(), next)
		require.NoError(t, err, "a full mailbox may be written to again")
	})
}

func TestMailsOwnerOpensClicksComplainsAndLeaves(t *testing.T) {
	t.Parallel()
	mailProviders(t, func(t *testing.T, h *house, name string, connection channel.Connection) {
		t.Helper()
		_, err := connection.Send(t.Context(), h.envelope(name, ana))
		require.NoError(t, err)
		id, _ := h.received(t, ana)[0]["id"].(string)
		act := func(action string) int {
			return h.own(t, http.MethodPost, "/api/messages/"+id+"/actions/"+action, map[string]any{}).status
		}
		for action, status := range map[string]channel.Status{
			"open": channel.Opened, "click": channel.Clicked, "bounce": channel.Bounced, "complain": channel.Complained,
		} {
			require.Equal(t, http.StatusNoContent, act(action), action)
			require.Equal(t, h.envelope(name, ana).MessageID, h.became(t, connection, status).MessageID)
		}
		require.Equal(t, http.StatusNotFound, act("eat"))
		require.Equal(t, http.StatusNotFound, h.own(t, http.MethodPost, "/api/messages/none/actions/open", map[string]any{}).status)

		_, err = connection.Send(t.Context(), h.envelope(name, "ben@example.net"))
		require.NoError(t, err)
		id, _ = h.received(t, "ben@example.net")[0]["id"].(string)
		if name == "resend" {
			require.Equal(t, http.StatusUnprocessableEntity, act("unsubscribe"), "the provider has no word for it")
			return
		}
		require.Equal(t, http.StatusNoContent, act("unsubscribe"))
		is := func(told channel.Suppression) bool {
			return told.Address == "ben@example.net" && told.Source == channel.SourceUnsubscribe && told.OptedOut
		}
		h.heard(t, connection, func(all channel.Delivery) bool { return slices.ContainsFunc(all.Suppressions, is) })
	})
}

func TestCustomerAnswersAsAMailProgramWould(t *testing.T) {
	t.Parallel()
	mailProviders(t, func(t *testing.T, h *house, name string, connection channel.Connection) {
		t.Helper()
		message := h.envelope(name, ana)
		message.InReplyTo, message.References = "root@example.net", []string{"root@example.net"}
		_, err := connection.Send(t.Context(), message)
		require.NoError(t, err)
		item := h.received(t, ana)[0]
		got := h.own(t, http.MethodPost, "/api/messages", map[string]any{
			"channel": "email", "from": "Ana <ana@example.net>", "body": "Yes, please.\n\nAna", "inReplyTo": item["id"], "quote": true,
			"cc": []string{"Boss <boss@example.net>"}, "attachments": []map[string]string{{
				"filename": "plan ü.txt", "contentType": "text/plain", "content": base64.StdEncoding.EncodeToString([]byte("the plan")),
			}},
		})
		require.Equal(t, http.StatusAccepted, got.status, string(got.body))
		inbound := h.heard(t, connection, func(all channel.Delivery) bool { return len(all.Inbound) > 0 }).Inbound[0]
		if completer, ok := connection.(channel.Completer); ok {
			require.NoError(t, completer.Complete(t.Context(), &inbound))
		}
		require.Equal(t, "ada-1+token@mail.sandbox.test", inbound.To[0])
		require.Equal(t, []string{boss}, inbound.Cc)
		require.False(t, inbound.Automatic)
		require.Equal(t, strings.Trim(item["messageId"].(string), "<>"), inbound.InReplyTo)
		require.Equal(t, []string{"root@example.net", inbound.InReplyTo}, inbound.References)
		reply, quoted := email.SplitQuote(inbound.Body)
		require.Equal(t, "Yes, please.\n\nAna", reply)
		require.Contains(t, quoted, "> hello ünïcødé ✓")
		if inbound.ReplyBody != "" {
			require.Equal(t, "Yes, please.\n\nAna", inbound.ReplyBody)
		}
		require.Len(t, inbound.Media, 1)
		file := inbound.Media[0]
		require.Equal(t, "plan ü.txt", file.Filename)
		if file.URL != "" {
			file.Content = h.do(t, h.request(t, http.MethodGet, strings.TrimPrefix(file.URL, h.url), "")).body
		}
		require.Equal(t, "the plan", string(file.Content))
	})
}

func TestAProgramAnswersForTheCustomer(t *testing.T) {
	t.Parallel()
	mailProviders(t, func(t *testing.T, h *house, name string, connection channel.Connection) {
		t.Helper()
		_, err := connection.Send(t.Context(), h.envelope(name, ana))
		require.NoError(t, err)
		got := h.own(t, http.MethodPost, "/api/messages", map[string]any{
			"channel": "email", "from": ana, "inReplyTo": h.received(t, ana)[0]["id"], "automatic": true,
		})
		require.Equal(t, http.StatusAccepted, got.status, string(got.body))
		inbound := h.heard(t, connection, func(all channel.Delivery) bool { return len(all.Inbound) > 0 }).Inbound[0]
		if completer, ok := connection.(channel.Completer); ok {
			require.NoError(t, completer.Complete(t.Context(), &inbound))
		}
		require.True(t, inbound.Automatic)
		require.Equal(t, "Automatic reply: Your order", inbound.Subject)
		require.NotEmpty(t, inbound.Body)
	})
}

func TestProvidersListWhatTheirWebhooksTold(t *testing.T) {
	t.Parallel()
	mailProviders(t, func(t *testing.T, h *house, name string, connection channel.Connection) {
		t.Helper()
		lister, can := connection.(channel.Lister)
		require.Equal(t, name != "sendgrid", can, "the provider documents no listing")
		if !can {
			return
		}
		h.fault(t, map[string]any{"dropCallbacks": true})
		since := time.Now().Add(-time.Minute)
		accepted, err := connection.Send(t.Context(), h.envelope(name, ana))
		require.NoError(t, err)
		_, err = connection.Send(t.Context(), h.envelope(name, "bounce-1@example.net"))
		require.NoError(t, err)
		h.own(t, http.MethodPost, "/api/messages", map[string]any{"channel": "email", "provider": name, "from": ana, "to": mailDesk, "body": "Hello?"})
		ask := func() (all channel.Delivery) {
			for cursor, more := "", true; more; {
				page, err := lister.List(t.Context(), since, cursor)
				require.NoError(t, err)
				all.Receipts, all.Inbound = append(all.Receipts, page.Receipts...), append(all.Inbound, page.Inbound...)
				cursor, more = page.Next, page.Next != ""
			}
			return all
		}
		var all channel.Delivery
		require.Eventually(t, func() bool {
			all = ask()
			return slices.ContainsFunc(all.Receipts, func(r channel.Receipt) bool { return r.Status == channel.Bounced })
		}, 30*time.Second, 10*time.Millisecond)
		require.True(t, slices.ContainsFunc(all.Receipts, func(r channel.Receipt) bool { return r.ExternalID == accepted.ExternalID }))
		require.Len(t, all.Inbound, 1)
		if completer, ok := connection.(channel.Completer); ok {
			require.NoError(t, completer.Complete(t.Context(), &all.Inbound[0]))
		}
		require.Equal(t, "Hello?", all.Inbound[0].Body)
		require.Equal(t, ana, all.Inbound[0].From)
	})
}

func TestFilesOfACustomerAreChecked(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for name, files := range map[string][]map[string]string{
		"no base64": {{"filename": "a", "content": "%%%"}}, "no type": {{"filename": "a", "contentType": "no type at all", "content": ""}},
		"too many": slices.Repeat([]map[string]string{{"filename": "a"}}, 51),
	} {
		got := h.own(t, http.MethodPost, "/api/messages", map[string]any{
			"channel": "email", "from": ana, "to": mailDesk, "body": "x", "attachments": files,
		})
		require.Equal(t, http.StatusUnprocessableEntity, got.status, name)
		require.Equal(t, "attachments", got.json(t)["field"])
	}
	got := h.own(t, http.MethodPost, "/api/messages", map[string]any{
		"channel": "email", "from": ana, "to": mailDesk, "body": "x", "cc": []string{"nobody"},
	})
	require.Equal(t, "cc", got.json(t)["field"])
}

func TestSuppressionsAreListedAndLifted(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for _, name := range []string{"sendgrid", "postmark", "resend"} {
		ask := func(method, path, body string) reply {
			request := h.request(t, method, "/"+name+path, body)
			request.Header.Set("Authorization", "Bearer "+map[string]string{"sendgrid": sandbox.SendGridKey, "resend": sandbox.ResendKey}[name])
			request.Header.Set("X-Postmark-Server-Token", sandbox.PostmarkToken)
			request.Header.Set("Accept", "application/json")
			request.Header.Set("Content-Type", "application/json")
			return h.do(t, request)
		}
		type call struct{ method, path, body string }
		add := map[string]call{
			"sendgrid": {http.MethodPost, "/v3/asm/suppressions/global", `{"recipient_emails":["ana@example.net"]}`},
			"postmark": {http.MethodPost, "/message-streams/outbound/suppressions", `{"Suppressions":[{"EmailAddress":"ana@example.net"}]}`},
			"resend":   {http.MethodPost, "/suppressions", `{"email":"ana@example.net"}`},
		}[name]
		list := map[string]string{
			"sendgrid": "/v3/asm/suppressions/global", "postmark": "/message-streams/outbound/suppressions/dump", "resend": "/suppressions",
		}[name]
		lift := map[string]call{
			"sendgrid": {http.MethodDelete, "/v3/asm/suppressions/global/ana@example.net", ""},
			"postmark": {http.MethodPost, "/message-streams/outbound/suppressions/delete", `{"Suppressions":[{"EmailAddress":"ana@example.net"}]}`},
			"resend":   {http.MethodDelete, "/suppressions/ana@example.net", ""},
		}[name]
		require.Less(t, ask(add.method, add.path, add.body).status, 300, name)
		require.Contains(t, string(ask(http.MethodGet, list, "").body), ana, name)
		require.Less(t, ask(lift.method, lift.path, lift.body).status, 300, name)
		require.NotContains(t, string(ask(http.MethodGet, list, "").body), ana, name)
	}
}

func TestListsGoOnAfterAMail(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	sent := []any{}
	for range 5 {
		sent = append(sent, h.mail(t, ana).json(t)["id"])
	}
	slices.Reverse(sent)
	listed := []any{}
	for after, more := "", true; more; {
		page := h.do(t, h.mailRequest(t, http.MethodGet, "/emails?limit=2&after="+after, nil)).json(t)
		more, _ = page["has_more"].(bool)
		data, _ := page["data"].([]any)
		for _, one := range data {
			entry, _ := one.(map[string]any)
			after, _ = entry["id"].(string)
			listed = append(listed, after)
		}
	}
	require.Equal(t, sent, listed, "each once, the newest first")
	refused := h.do(t, h.mailRequest(t, http.MethodGet, "/emails?limit=101", nil))
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
}
