package signalwire

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// kindOf is the channel of a message of the REST API: it says so, or its addresses do.
func kindOf(told string, addresses ...string) channel.Kind {
	return telephony.KindOf(append(addresses, told+":")...)
}

// sendChat sends a message of WhatsApp. The status URL carries our ids, and so do variables that the callbacks repeat.
func (c *connection) sendChat(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	body, refused := c.chat(outbound)
	if refused != nil {
		return channel.Accepted{}, refused
	}
	answer, failed := c.do(ctx, http.MethodPost, c.messaging.JoinPath("messages"), "application/json", bytes.NewReader(body))
	if failed != nil {
		return channel.Accepted{}, failed
	}
	if !answer.OK() {
		return channel.Accepted{}, c.refusal(answer)
	}
	var taken struct {
		ID     string         `json:"id"`
		Status string         `json:"status"`
		Code   channel.Scalar `json:"error_code"`
	}
	if err := json.Unmarshal(answer.Body, &taken); err != nil || taken.ID == "" {
		return channel.Accepted{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	status := statusOf(taken.Status)
	if status == channel.Failed || status == channel.Undelivered {
		refused := &channel.Error{Class: channel.Permanent, ProviderCode: string(taken.Code), HTTPStatus: answer.Status}
		explain(refused)
		return channel.Accepted{}, refused
	}
	return channel.Accepted{
		ExternalID: taken.ID, Status: cmp.Or(status, channel.Queued), ProviderStatus: taken.Status,
	}, nil
}

// chat is the body of a send.
func (c *connection) chat(outbound channel.Outbound) ([]byte, *channel.Error) {
	message := map[string]any{
		"to": outbound.To, "from": telephony.PrefixWhatsApp + ":" + cmp.Or(outbound.From, c.chatNumber),
		"custom_variables": map[string]string{
			"workspace_id": outbound.WorkspaceID, "message_id": outbound.MessageID, "attempt": strconv.Itoa(outbound.Attempt),
		},
	}
	if outbound.StatusURL != "" {
		message["status_callback"] = outbound.StatusURL
	}
	switch {
	case outbound.Template != nil:
		message["template_id"] = outbound.Template.ID
		if parameters := parametersOf(outbound.Template.Parameters); parameters != nil {
			message["body_template_parameters"] = parameters
		}
	case len(outbound.Files) > 1:
		return nil, &channel.Error{
			Class: channel.Permanent, Code: channel.CodeFileRefused, Message: "WhatsApp takes one file in a message.",
		}
	case len(outbound.Files) == 1 && outbound.Files[0].URL == "":
		return nil, vendor().NoAddress(outbound.Files[0])
	case len(outbound.Files) == 1:
		message["message_type"], message["body"] = fileOf(outbound.Files[0], outbound.Body)
	default:
		message["message_type"], message["body"] = "whatsapp_media_text", outbound.Body
	}
	body, err := json.Marshal(message)
	if err != nil {
		return nil, &channel.Error{Class: channel.Permanent, Err: err}
	}
	return body, nil
}

// fileOf is the type and the content of a message that is a file.
func fileOf(file channel.File, caption string) (string, map[string]string) {
	kind, _, _ := strings.Cut(file.ContentType, "/")
	if kind != "image" && kind != "video" && kind != "audio" {
		kind = "document"
	}
	content := map[string]string{"link": file.URL}
	if caption != "" {
		content["caption"] = caption
	}
	if kind == "document" && file.Filename != "" {
		content["filename"] = file.Filename
	}
	return "whatsapp_media_" + kind, content
}

// parametersOf fills the gaps of a template: numbered ones in their order, others by their names.
func parametersOf(values map[string]string) []map[string]string {
	var parameters []map[string]string
	for _, name := range slices.SortedFunc(maps.Keys(values), compareGaps) {
		parameter := map[string]string{"type": "text", "text": values[name]}
		if _, err := strconv.Atoi(name); err != nil {
			parameter["parameter_name"] = name
		}
		parameters = append(parameters, parameter)
	}
	return parameters
}

func compareGaps(a, b string) int {
	first, errA := strconv.Atoi(a)
	second, errB := strconv.Atoi(b)
	if errA == nil && errB == nil {
		return cmp.Compare(first, second)
	}
	return strings.Compare(a, b)
}

// said is what a message says: a text, or an object with the text in it, whatever its type.
type said string

// UnmarshalJSON implements json.Unmarshaler. What holds no text says nothing.
func (s *said) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*s = said(text)
		return nil
	}
	var parts struct {
		Text    string `json:"text"`
		Body    string `json:"body"`
		Caption string `json:"caption"`
		Title   string `json:"title"`
		Emoji   string `json:"emoji"`
	}
	if channel.Readable(raw, &parts) {
		*s = said(cmp.Or(parts.Text, parts.Body, parts.Caption, parts.Title, parts.Emoji))
	}
	return nil
}

// chatCursor begins the cursor of a page of the log, which follows the pages of texts.
const chatCursor = "chat:"

// listChats reads a page of the log of the REST API, for WhatsApp is not in the list of texts.
func (c *connection) listChats(ctx context.Context, since time.Time, cursor string) (channel.Page, error) {
	query := url.Values{"created_after": {since.UTC().Format(time.RFC3339)}, "page_size": {pageSize}, "kind": {telephony.PrefixWhatsApp}}
	if cursor != "" {
		query = valuesOf(cursor)
	}
	at := c.messaging.JoinPath("logs")
	at.RawQuery = query.Encode()
	answer, failed := c.do(ctx, http.MethodGet, at, "", http.NoBody)
	if failed != nil {
		return channel.Page{}, failed
	}
	if !answer.OK() {
		return channel.Page{}, c.refusal(answer)
	}
	var read struct {
		Entries []json.RawMessage `json:"data"`
		Links   struct {
			Next string `json:"next"`
		} `json:"links"`
	}
	if err := json.Unmarshal(answer.Body, &read); err != nil || read.Entries == nil {
		return channel.Page{}, &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
	}
	listed := channel.Page{}
	for _, raw := range read.Entries {
		c.addChat(&listed, raw, since)
	}
	if next := queryOf(read.Links.Next); next != "" && len(read.Entries) > 0 {
		listed.Next = chatCursor + next
	} else {
		listed.Next = telephony.CallCursor
	}
	return listed, nil
}

// addChat reads one entry of the log. One that tells neither text nor file is left to the webhook.
func (c *connection) addChat(listed *channel.Page, raw json.RawMessage, since time.Time) {
	var entry struct {
		restWebhook

		Created string `json:"created_at"`
	}
	if !channel.Readable(raw, &entry) || entry.ID == "" || entry.Status == "" || kindOf(entry.Kind, entry.From, entry.To) != channel.WhatsApp {
		return
	}
	at := timeOf(entry.Created, since)
	if at.Before(since) {
		return
	}
	if !strings.HasPrefix(entry.Direction, "inbound") {
		receipt := vendor().Receipt(channel.WhatsApp, entry.ID, entry.Status, string(entry.ErrorCode), c.api.Sentence(entry.ErrorMessage))
		receipt.Account, receipt.From = c.project, telephony.Plain(channel.WhatsApp, entry.From)
		receipt.OccurredAt, receipt.Part = at, raw
		listed.Receipts = append(listed.Receipts, receipt)
		return
	}
	delivery, err := (&restInbound{
		ID: entry.ID, Account: c.project, From: entry.From, To: entry.To, Kind: telephony.PrefixWhatsApp, Body: entry.Body,
		Media: entry.Media, Timestamp: at.Format(time.RFC3339Nano),
	}).read()
	if err == nil && (entry.Body != "" || len(entry.Media) > 0) {
		listed.Inbound = append(listed.Inbound, delivery.Inbound...)
	}
}
