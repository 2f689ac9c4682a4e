package systemtest_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// patience is how long anything may take on a busy machine.
const patience = time.Minute

// TestSystem_every_channel walks each channel out and in as its people use it, on four processes.
func TestSystem_every_channel(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	t.Run("e-mail carries copies, files and HTML both ways", func(t *testing.T) { t.Parallel(); mailBothWays(t, s) })
	t.Run("a text carries a picture both ways", func(t *testing.T) { t.Parallel(); picturesBothWays(t, s) })
	t.Run("STOP blocks and START lets through", func(t *testing.T) { t.Parallel(); stopAndStart(t, s) })
	t.Run("WhatsApp opens with a template and then runs freely", func(t *testing.T) { t.Parallel(); windowOpens(t, s) })
	t.Run("a customer's call is taken", func(t *testing.T) { t.Parallel(); callTaken(t, s) })
	t.Run("a customer nobody answers leaves a voicemail", func(t *testing.T) { t.Parallel(); voicemailLeft(t, s) })
	t.Run("a click calls the customer", func(t *testing.T) { t.Parallel(); clickToCall(t, s) })
}

// picture is a small PNG.
func picture(t *testing.T) []byte {
	t.Helper()
	canvas := image.NewRGBA(image.Rect(0, 0, 32, 32))
	for at := range 32 {
		canvas.Set(at, at, color.RGBA{R: 200, A: 255})
	}
	var encoded bytes.Buffer
	require.NoError(t, png.Encode(&encoded, canvas))
	return encoded.Bytes()
}

func fileOf(filename, contentType string, content []byte) map[string]any {
	return map[string]any{"filename": filename, "contentType": contentType, "content": base64.StdEncoding.EncodeToString(content)}
}

func mailBothWays(t *testing.T, s *system) {
	t.Helper()
	owner := signUp(t, s.gateway)
	to, copied, hidden := mailbox("to"), mailbox("cc"), mailbox("bcc")
	accepted := owner.call(http.MethodPost, "/api/communications", map[string]any{
		"channel": "email", "to": to, "cc": []string{copied}, "bcc": []string{hidden}, "subject": "Your order",
		"body": "The invoice is attached.", "html": "<p>The <b>invoice</b> is attached.</p>",
		"attachments": []any{fileOf("invoice.txt", "text/plain", []byte("42 EUR"))},
	})
	require.Equal(t, http.StatusAccepted, accepted.status, accepted.body)
	owner.waitStatus(accepted.text("id"), "delivered", "opened", "clicked")
	var mail map[string]any
	for _, address := range []string{to, copied, hidden} {
		items := received(t, s.sandbox, address)
		require.Len(t, items, 1, "%s has the mail once", address)
		mail = items[0]
		files, _ := mail["attachments"].([]any)
		require.Len(t, files, 1)
		require.Contains(t, mail["html"], "<b>invoice</b>")
	}

	write(t, s.sandbox, map[string]any{
		"channel": "email", "from": to, "to": owner.from["email"], "subject": "Re: Your order", "body": "Thank you.",
		"inReplyTo": received(t, s.sandbox, to)[0]["id"], "attachments": []any{fileOf("proof.png", "image/png", picture(t))},
	})
	conversation := accepted.text("conversationId")
	answer := owner.waitInbound(conversation)
	require.Contains(t, answer["body"], "Thank you.")
	owner.requireFile(answer, picture(t))
}

func picturesBothWays(t *testing.T, s *system) {
	t.Helper()
	owner, phone := signUp(t, s.gateway), "+1405555"+digits(4)
	accepted := owner.call(http.MethodPost, "/api/communications", map[string]any{
		"channel": "sms", "to": phone, "body": "Here it is", "attachments": []any{fileOf("map.png", "image/png", picture(t))},
	})
	require.Equal(t, http.StatusAccepted, accepted.status, accepted.body)
	owner.waitStatus(accepted.text("id"), "sent", "delivered")
	require.Eventually(t, func() bool {
		items := received(t, s.sandbox, phone)
		if len(items) != 1 {
			return false
		}
		files, _ := items[0]["attachments"].([]any)
		return len(files) == 1
	}, patience, 50*time.Millisecond, "the picture is not on the phone")

	write(t, s.sandbox, map[string]any{
		"channel": "sms", "from": phone, "to": owner.from["sms"], "body": "And mine",
		"attachments": []any{fileOf("mine.png", "image/png", picture(t))},
	})
	owner.requireFile(owner.waitInbound(accepted.text("conversationId")), picture(t))

	refused := owner.call(http.MethodPost, "/api/communications", map[string]any{
		"channel": "sms", "to": phone, "body": "x", "attachments": []any{fileOf("run.exe", "application/x-msdownload", []byte("MZ"))},
	})
	require.Equal(t, http.StatusUnprocessableEntity, refused.status, refused.body)
	require.Equal(t, "file_refused", refused.text("code"), refused.body)
}

func stopAndStart(t *testing.T, s *system) {
	t.Helper()
	owner, phone := signUp(t, s.gateway), "+1405555"+digits(4)
	first := owner.send("sms", phone, "hello")
	owner.waitStatus(first, "delivered")
	stop := map[string]any{"channel": "sms", "from": phone, "to": owner.from["sms"], "body": " stop. "}
	write(t, s.sandbox, stop)
	write(t, s.sandbox, stop)

	conversation := owner.call(http.MethodGet, "/api/messages/"+first, nil).text("conversationId")
	require.Eventually(t, func() bool {
		consent, _ := owner.call(http.MethodGet, "/api/conversations/"+conversation, nil).body["consent"].(map[string]any)
		return consent["state"] == "opted_out" && consent["source"] == "keyword"
	}, patience, 50*time.Millisecond)
	require.Eventually(t, func() bool { return len(received(t, s.sandbox, phone)) == 2 }, patience, 50*time.Millisecond,
		"one confirmation answers both")
	refused := owner.call(http.MethodPost, "/api/communications", map[string]any{"channel": "sms", "to": phone, "body": "still there?"})
	require.Equal(t, http.StatusUnprocessableEntity, refused.status, refused.body)
	require.Equal(t, "opted_out", refused.text("code"), refused.body)

	write(t, s.sandbox, map[string]any{"channel": "sms", "from": phone, "to": owner.from["sms"], "body": "START"})
	require.Eventually(t, func() bool {
		got := owner.call(http.MethodPost, "/api/communications", map[string]any{"channel": "sms", "to": phone, "body": "back again"})
		return got.status == http.StatusAccepted
	}, patience, 50*time.Millisecond)
	require.Eventually(t, func() bool {
		for _, item := range received(t, s.sandbox, phone) {
			if item["body"] == "back again" {
				return true
			}
		}
		return false
	}, patience, 50*time.Millisecond)

	decided := owner.call(http.MethodPut, "/api/consents", map[string]any{
		"channel": "sms", "address": phone, "state": "opted_out", "reason": "asked for it on the phone",
	})
	require.Equal(t, http.StatusOK, decided.status, decided.body)
	require.Equal(t, "person", decided.text("source"))
}

func windowOpens(t *testing.T, s *system) {
	t.Helper()
	owner, phone := signUp(t, s.gateway), "+1405555"+digits(4)
	free := map[string]any{"channel": "whatsapp", "to": phone, "body": "hello"}
	closed := owner.call(http.MethodPost, "/api/communications", free)
	require.Equal(t, http.StatusUnprocessableEntity, closed.status, closed.body)
	require.Equal(t, "window_closed", closed.text("code"), closed.body)

	var template map[string]any
	require.Eventually(t, func() bool { // the sender, who asks the provider, hears of a new account a moment later
		for _, item := range owner.call(http.MethodGet, "/api/templates?channel=whatsapp", nil).items() {
			if item["status"] == "approved" {
				template = item
			}
		}
		return template != nil
	}, 10*time.Second, 20*time.Millisecond, "the account has an approved template")
	parameters := map[string]string{}
	gaps, _ := template["parameters"].([]any)
	for _, element := range gaps {
		gap, _ := element.(map[string]any)
		name, _ := gap["name"].(string)
		parameters[name] = "Ω " + name
	}
	accepted := owner.call(http.MethodPost, "/api/communications", map[string]any{
		"channel": "whatsapp", "to": phone,
		"template": map[string]any{"id": template["id"], "language": template["language"], "parameters": parameters},
	})
	require.Equal(t, http.StatusAccepted, accepted.status, accepted.body)
	owner.waitStatus(accepted.text("id"), "delivered", "read")

	write(t, s.sandbox, map[string]any{
		"channel": "whatsapp", "from": phone, "to": owner.from["whatsapp"], "body": "yes",
		"attachments": []any{fileOf("mine.png", "image/png", picture(t))},
	})
	owner.requireFile(owner.waitInbound(accepted.text("conversationId")), picture(t))
	require.Eventually(t, func() bool {
		return owner.call(http.MethodPost, "/api/communications", free).status == http.StatusAccepted
	}, patience, 100*time.Millisecond, "the customer's answer opens the window")
}

// ringing waits until the phone with the number rings and returns the leg.
func (s *system) ringing(t *testing.T, number string) string {
	t.Helper()
	var id string
	require.Eventually(t, func() bool {
		for _, item := range stranger(t, s.sandbox).call(http.MethodGet, "/api/calls?number="+url.QueryEscape(number), nil).items() {
			if to, _ := item["to"].(string); item["state"] == "ringing" && to == number {
				id, _ = item["id"].(string)
			}
		}
		return id != ""
	}, patience, 50*time.Millisecond, "%s does not ring", number)
	return id
}

// hears waits until a text was said to whoever is at the number.
func (s *system) hears(t *testing.T, number, text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, item := range stranger(t, s.sandbox).call(http.MethodGet, "/api/calls?number="+url.QueryEscape(number), nil).items() {
			if said, _ := item["said"].([]any); slices.Contains(said, any(text)) {
				return true
			}
		}
		return false
	}, patience, 50*time.Millisecond, "%s does not hear %q", number, text)
}

// act lets somebody do something on a phone.
func (s *system) act(t *testing.T, leg, what string, body any) {
	t.Helper()
	got := stranger(t, s.sandbox).call(http.MethodPost, "/api/calls/"+leg+"/"+what, body)
	require.Less(t, got.status, 300, "%s: %v", what, got.body)
}

// dial lets a customer call and returns the customer's leg.
func (s *system) dial(t *testing.T, from, to string) string {
	t.Helper()
	got := stranger(t, s.sandbox).call(http.MethodPost, "/api/calls", map[string]any{"channel": "call", "from": from, "to": to})
	require.Less(t, got.status, 300, got.body)
	return got.text("id")
}

// answersCalls sets the workspace's calls up and returns the owner's phone.
func (c *client) answersCalls(ringSeconds int) string {
	c.t.Helper()
	phone := "+1405556" + digits(4)
	user, _ := c.call(http.MethodGet, "/api/me", nil).body["user"].(map[string]any)
	saved := c.call(http.MethodPut, "/api/settings/calls", map[string]any{
		"ringMode": "parallel", "ringSeconds": ringSeconds, "record": true, "voicemail": true, "voicemailGreeting": "Leave a message.",
		"announcement": "This call is recorded.", "language": "en-US",
		"agents": []any{map[string]any{"userId": user["id"], "name": "Owner", "phone": phone}},
	})
	require.Equal(c.t, http.StatusOK, saved.status, saved.body)
	return phone
}

// waitCall waits until the newest call of the workspace is in the state, and has its recording when it was recorded.
func (c *client) waitCall(state string, recorded bool) (message, call map[string]any) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		conversations := c.call(http.MethodGet, "/api/conversations?channel=call", nil).items()
		if len(conversations) == 0 {
			return false
		}
		id, _ := conversations[0]["id"].(string)
		messages := c.call(http.MethodGet, "/api/conversations/"+id+"/messages", nil).items()
		if len(messages) != 1 {
			return false
		}
		message = messages[0]
		call, _ = message["call"].(map[string]any)
		return call["state"] == state && (call["recording"] != nil || !recorded)
	}, patience, 100*time.Millisecond, "no call is %s (recorded: %t)", state, recorded)
	return message, call
}

func callTaken(t *testing.T, s *system) {
	t.Helper()
	owner, customer := signUp(t, s.gateway), "+1405555"+digits(4)
	agent := owner.answersCalls(30)
	calling := s.dial(t, customer, owner.from["call"])
	s.act(t, s.ringing(t, agent), "answer", nil)
	s.act(t, calling, "speak", map[string]any{"text": "Is my order ready?"})
	s.act(t, calling, "hang-up", nil)
	message, call := owner.waitCall("completed", true)
	require.Equal(t, "inbound", message["direction"])
	require.NotEmpty(t, call["agentId"], "it is known who took the call")
	owner.requireRanges(message, call)
}

func voicemailLeft(t *testing.T, s *system) {
	t.Helper()
	owner, customer := signUp(t, s.gateway), "+1405555"+digits(4)
	agent := owner.answersCalls(30)
	calling := s.dial(t, customer, owner.from["call"])
	s.act(t, s.ringing(t, agent), "decline", nil)
	s.hears(t, customer, "Leave a message.")
	text := "Please call back " + uuid.NewString()[:8]
	s.act(t, calling, "speak", map[string]any{"text": text})
	s.act(t, calling, "hang-up", nil)
	owner.waitCall("voicemail", true)
	require.Eventually(t, func() bool {
		_, call := owner.waitCall("voicemail", true)
		transcript, _ := call["transcript"].(string)
		return transcript == text
	}, patience, 100*time.Millisecond, "the transcript does not arrive")
}

func clickToCall(t *testing.T, s *system) {
	t.Helper()
	owner, customer := signUp(t, s.gateway), "+1405555"+digits(4)
	agent := owner.answersCalls(30)
	accepted := owner.call(http.MethodPost, "/api/communications", map[string]any{"channel": "call", "to": customer})
	require.Equal(t, http.StatusAccepted, accepted.status, accepted.body)
	own := s.ringing(t, agent)
	s.act(t, own, "answer", nil)
	s.act(t, s.ringing(t, customer), "answer", nil)
	s.hears(t, customer, "This call is recorded.")
	s.act(t, own, "hang-up", nil)
	_, call := owner.waitCall("completed", false)
	require.NotEmpty(t, call["agentId"])
	owner.waitStatus(accepted.text("id"), "delivered")
}

// waitInbound waits for the first message of the customer in a conversation.
func (c *client) waitInbound(conversation string) map[string]any {
	c.t.Helper()
	var found map[string]any
	require.Eventually(c.t, func() bool {
		for _, item := range c.call(http.MethodGet, "/api/conversations/"+conversation+"/messages", nil).items() {
			if item["direction"] == "inbound" {
				found = item
			}
		}
		return found != nil
	}, patience, 50*time.Millisecond, "the customer's message is not there")
	return found
}

// requireFile reads the one file of a message.
func (c *client) requireFile(message map[string]any, want []byte) {
	c.t.Helper()
	files, _ := message["attachments"].([]any)
	require.Len(c.t, files, 1, message)
	file, _ := files[0].(map[string]any)
	require.Equal(c.t, want, c.download(message, file, ""))
}

// requireRanges reads the recording of a call whole and in part.
func (c *client) requireRanges(message, call map[string]any) {
	c.t.Helper()
	recording, _ := call["recording"].(map[string]any)
	whole := c.download(message, recording, "")
	require.Greater(c.t, len(whole), 100)
	require.Equal(c.t, whole[10:20], c.download(message, recording, "bytes=10-19"))
}

func mailbox(name string) string { return name + "-" + uuid.NewString()[:8] + "@example.net" }
