package signalwire

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the provider's own scheme
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	chatPrefix  = "whatsapp:"
	maxChat     = 4096
	codeWindow  = "63016"
	maxLogged   = 100
	statusRead  = "read"
	chatKind    = "whatsapp"
	filesPrefix = "whatsapp_media_"
)

// chatDraft is the body of a send on the REST API.
type chatDraft struct {
	To         string            `json:"to"`
	From       string            `json:"from"`
	Type       string            `json:"message_type"`
	Body       json.RawMessage   `json:"body"`
	TemplateID string            `json:"template_id"`
	Values     []map[string]any  `json:"body_template_parameters"`
	Callback   string            `json:"status_callback"`
	Variables  map[string]string `json:"custom_variables"`
}

// chatRecord is a message of WhatsApp as the provider keeps it.
type chatRecord struct {
	message   world.Message
	variables map[string]string
	callback  string
	status    string
}

// serveChats serves WhatsApp, which is on the REST API alone.
func (a *API) serveChats(mux *http.ServeMux) {
	mux.Handle("POST /api/messaging/messages", a.server.Send(a.known(a.sendChat)))
	mux.Handle("GET /api/messaging/logs", a.server.Lookup(a.known(a.log)))
	mux.Handle("GET /api/messaging/whatsapp/numbers", a.server.Lookup(a.known(a.chatNumbers)))
}

// known refuses a call without the project's token.
func (a *API) known(next provider.Handler) provider.Handler {
	return func(request provider.Call) provider.Answer {
		if !a.knows(request) {
			return provider.JSON(http.StatusUnauthorized, map[string]string{"error": "Unauthorized"})
		}
		return next(request)
	}
}

func (a *API) chatNumbers(provider.Call) provider.Answer {
	return provider.JSON(http.StatusOK, map[string]any{"data": []any{map[string]string{"phone_number": chatPrefix + "+15002000000"}}, "links": map[string]any{}})
}

func chatFailure(code, attribute, message string) provider.Answer {
	return provider.JSON(http.StatusUnprocessableEntity, map[string]any{"errors": []any{map[string]string{
		"type": "validation_error", "code": code, "message": message, "attribute": attribute, "url": "https://example.com/errors",
	}}})
}

func (a *API) sendChat(request provider.Call) provider.Answer {
	var wanted chatDraft
	if json.Unmarshal(request.Content, &wanted) != nil {
		return chatFailure("invalid_json", "", "The body is not JSON")
	}
	to, from := strings.TrimPrefix(wanted.To, chatPrefix), strings.TrimPrefix(wanted.From, chatPrefix)
	text, link := wanted.content()
	switch {
	case !strings.HasPrefix(wanted.From, chatPrefix) || !sms.Owned(from):
		return chatFailure("invalid_parameter", "from", "From is not a WhatsApp number of the project")
	case !sms.ValidNumber(to) || strings.HasSuffix(to, sms.SuffixInvalid):
		return chatFailure("invalid_parameter", "to", "To is invalid")
	case wanted.TemplateID == "" && text == "" && link == "":
		return chatFailure("missing_required_parameter", "body", "Body is required")
	case utf8.RuneCountInString(text) > maxChat:
		return chatFailure("invalid_parameter", "body", "Body is too long")
	}
	message := world.Message{
		ID: uuid.NewString(), Provider: Name, Channel: world.WhatsApp, Customer: to, Business: from, From: from, To: to,
		Body: text, Media: link, At: world.Now(),
	}
	if wanted.TemplateID != "" {
		message.Template = &world.Template{ID: wanted.TemplateID, Language: "en"}
		message.Body = strings.TrimSpace("Template " + wanted.TemplateID + " " + valuesOf(wanted.Values))
	}
	message.ExternalID = message.ID
	return a.acceptChat(request, wanted, message)
}

// content is the text of a message and the address of its file.
func (d chatDraft) content() (text, link string) {
	if json.Unmarshal(d.Body, &text) == nil {
		return text, ""
	}
	var parts struct {
		Link    string `json:"link"`
		Caption string `json:"caption"`
	}
	if !strings.HasPrefix(d.Type, filesPrefix) || json.Unmarshal(d.Body, &parts) != nil {
		return "", ""
	}
	return parts.Caption, parts.Link
}

func valuesOf(parameters []map[string]any) string {
	var values []string
	for _, one := range parameters {
		values = append(values, fmt.Sprint(one["text"]))
	}
	return strings.Join(values, ", ")
}

// acceptChat keeps the message, gives it to the customer and schedules its callbacks.
func (a *API) acceptChat(request provider.Call, wanted chatDraft, message world.Message) provider.Answer {
	failed := ""
	switch {
	case wanted.TemplateID == "" && !a.windows.IsOpen(message.Business, message.Customer, message.At):
		failed = codeWindow
	case strings.HasSuffix(message.To, sms.SuffixUndelivered):
		failed = codeUnreachable
	case message.Media != "":
		files, err := a.fetcher.Fetch(request.Context(), []string{message.Media})
		if err != nil {
			failed = codeFile
		}
		message.Files = files
	}
	kept := chatRecord{message: message, variables: wanted.Variables, callback: wanted.Callback, status: "delivered"}
	words := []string{"queued", "sent", "delivered"}
	if failed != "" {
		kept.status, words[2] = "undelivered", "undelivered"
	} else {
		a.world.Add(message)
	}
	a.chats.Add(message.ID, kept, 512+len(message.Body))
	at := message.At
	for i, word := range words {
		code := ""
		if i == len(words)-1 {
			code = failed
		}
		a.tellChat(kept, word, code, at)
		at = at.Add(vary(a.config.Step))
	}
	answer := provider.JSON(http.StatusCreated, map[string]any{
		"id": message.ID, "status": "queued", "kind": chatKind, "from": chatPrefix + message.From, "to": chatPrefix + message.To,
		"custom_variables": wanted.Variables, "created_at": message.At.Format(time.RFC3339),
	})
	answer.MessageID, answer.To = message.ID, message.To
	return answer
}

func (a *API) tellChat(kept chatRecord, word, code string, at time.Time) {
	if kept.callback == "" || !a.callbacks.Reachable(kept.callback) {
		return
	}
	told := map[string]any{
		"id": kept.message.ExternalID, "status": word, "kind": chatKind, "project_id": a.config.Project,
		"from": chatPrefix + kept.message.From, "to": chatPrefix + kept.message.To, "direction": "outbound",
		"custom_variables": kept.variables, "timestamp": at.UTC().Format(time.RFC3339), "error_code": nil,
	}
	if code != "" {
		told["error_code"] = code
	}
	a.callbacks.Deliver(callback.Callback{
		Provider: Name, Name: "status " + word, About: kept.message.ExternalID, At: at.Add(vary(a.config.Step / 4)), Waits: a.config.Waits,
		Request: a.signedJSON(kept.callback, told),
	})
}

// signedJSON makes a callback of the REST API: the lower-case hex of HMAC-SHA1 over the URL and the body.
func (a *API) signedJSON(rawURL string, value map[string]any) func(context.Context) (*http.Request, error) {
	body, failed := json.Marshal(value)
	return func(ctx context.Context) (*http.Request, error) {
		if failed != nil {
			return nil, fmt.Errorf("writing the callback: %w", failed)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, rawURL, bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("making the request: %w", err)
		}
		mac := hmac.New(sha1.New, []byte(a.config.SigningKey))
		mac.Write([]byte(rawURL))
		mac.Write(body)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Signalwire-Signature", hex.EncodeToString(mac.Sum(nil)))
		return request, nil
	}
}

// log lists the newest messages.
func (a *API) log(provider.Call) provider.Answer {
	entries := []any{}
	for _, kept := range a.chats.Newest(maxLogged, func(chatRecord) bool { return true }) {
		m, direction := kept.message, "outbound"
		if m.Written {
			direction = "inbound"
		}
		entries = append(entries, map[string]any{
			"id": m.ExternalID, "kind": chatKind, "direction": direction, "status": kept.status, "project_id": a.config.Project,
			"from": chatPrefix + m.From, "to": chatPrefix + m.To, "body": m.Body, "media": a.chatMedia(m), "created_at": m.At.Format(time.RFC3339),
		})
	}
	return provider.JSON(http.StatusOK, map[string]any{"data": entries, "links": map[string]any{}})
}

// chatMedia is the files of a customer's message, where they can be fetched.
func (a *API) chatMedia(m world.Message) []map[string]any {
	media := []map[string]any{}
	for i, file := range m.Files {
		media = append(media, map[string]any{
			"url": fmt.Sprintf("%s/api/messages/%s/files/%d", a.publicURL(), m.ID, i), "content_type": file.ContentType, "size": len(file.Content),
		})
	}
	return media
}

// Act tells that a customer has opened a message.
func (a *API) Act(message world.Message, action world.Action) error {
	kept, ok := a.chats.Get(message.ExternalID)
	if action != world.Open || !ok {
		return &world.InputError{Field: "action", Message: "is nothing that this provider tells of"}
	}
	if a.world.SetRead(message.ID) {
		a.tellChat(kept, statusRead, "", world.Now())
	}
	return nil
}

// Chat is the provider as the customers of WhatsApp use it.
type Chat struct{ *API }

// Chat gives the provider as the customers of WhatsApp use it.
func (a *API) Chat() Chat { return Chat{a} }

// Channel is the channel the provider serves.
func (Chat) Channel() string { return world.WhatsApp }

// Write lets a customer write on WhatsApp to one of our numbers. It returns a *world.InputError naming what is wrong.
func (c Chat) Write(draft world.Draft) (world.Message, error) {
	a := c.API
	if draft.Original != nil && draft.To == "" {
		draft.To = draft.Original.Business
	}
	draft.Body = cmp.Or(draft.Button, draft.Body)
	if err := sms.CheckDraft(draft); err != nil {
		return world.Message{}, err
	}
	message := world.Message{
		ID: uuid.NewString(), Provider: Name, Channel: world.WhatsApp, Customer: draft.From, Business: draft.To, Written: true,
		From: draft.From, To: draft.To, Body: draft.Body, Files: draft.Files, At: world.Now(), State: world.Pending,
	}
	message.ExternalID = message.ID
	a.windows.Open(draft.To, draft.From, message.At)
	a.chats.Add(message.ID, chatRecord{message: message, status: "received"}, 512+len(message.Body))
	a.world.Add(message)
	a.callbacks.Deliver(callback.Callback{
		Provider: Name, Name: "inbound message", About: message.ExternalID, At: message.At, Waits: a.config.Waits,
		Request: a.signedJSON(a.config.Webhook.URL(), map[string]any{"message": map[string]any{
			"message_id": message.ExternalID, "project_id": a.config.Project, "type": chatKind, "kind": chatKind,
			"from": chatPrefix + message.From, "to": chatPrefix + message.To, "body": message.Body, "media": a.chatMedia(message),
			"timestamp": message.At.Format(time.RFC3339),
		}, "params": map[string]any{}}),
		Ended: func(err error) { a.ended(message.ID, err) },
	})
	return message, nil
}
