package channeltest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// VectorsVariable names a folder with more vectors of the same form, run beside the committed ones.
const VectorsVariable = "CONVERSATIONS_VECTORS"

// MoreVectors is the name of the sub-test that plays the vectors of VectorsVariable.
const MoreVectors = "more"

// vector is one entry of index.json: a request as the outside world sends it, and what must come of it.
type vector struct {
	ID       string            `json:"id"`
	Provider string            `json:"provider"`
	Kind     string            `json:"kind"`
	File     string            `json:"file"`
	Method   string            `json:"method"`
	URL      string            `json:"url"`
	Headers  map[string]string `json:"headers"`
	Secret   string            `json:"secret"`
	Clock    int64             `json:"clock"`
	Expect   expectation       `json:"expect"`
}

// expectation is the outcome of a vector; what is absent is not judged.
type expectation struct {
	Valid          *bool           `json:"valid"`
	SignatureValid *bool           `json:"signature_valid"`
	AuthValid      *bool           `json:"auth_valid"`
	Respond        *int            `json:"respond"`
	Error          bool            `json:"error"`
	Canonical      json.RawMessage `json:"canonical"`
	ProviderID     each            `json:"provider_id"`
	Correlation    each            `json:"correlation"`
	DedupeKey      *string         `json:"dedupe_key"`
	ErrorCode      *string         `json:"error_code"`
	OptedOut       *bool           `json:"opted_out"`
	Permanent      *bool           `json:"permanent"`
	OptOut         json.RawMessage `json:"opt_out"`
	Channel        *string         `json:"channel"`
	From           each            `json:"from"`
	To             json.RawMessage `json:"to"`
	Subject        *string         `json:"subject"`
	Text           json.RawMessage `json:"text"`
	Media          *int            `json:"media"`
	Attachments    *int            `json:"attachments"`
	MediaTypes     []string        `json:"media_types"`
	BodyPresent    *bool           `json:"body_present"`
	MustFetch      *string         `json:"must_fetch"`
	InReplyTo      *string         `json:"in_reply_to"`

	Auth          *string        `json:"auth"`
	Metadata      map[string]any `json:"metadata"`
	Events        []string       `json:"events"`
	AutoSubmitted *bool          `json:"auto_submitted"`
	ReplyTo       *string        `json:"reply_to"`
	// Calls.
	CallID      *string         `json:"call_id"`
	ParentID    *string         `json:"parent_call_id"`
	Status      *string         `json:"status"`
	DialStatus  *string         `json:"dial_status"`
	Duration    *float64        `json:"duration"`
	Direction   *string         `json:"direction"`
	RecordingID *string         `json:"recording_id"`
	Response    json.RawMessage `json:"response"`
}

// Vectors runs the provider's share of the vectors in a folder through its real adapter and verifier: index.json with
// the files it names, api_responses.json and status_sequences.json.
func Vectors(t *testing.T, folder string, c Case) {
	t.Helper()
	require.NotZero(t, runVectors(t, folder, c), "no vectors of %s", c.Provider.Describe().Name)
	if more := os.Getenv(VectorsVariable); more != "" {
		t.Run(MoreVectors, func(t *testing.T) { runVectors(t, more, c) })
	}
}

// runVectors returns how many requests of the provider the folder has. A vector that cannot be read fails alone.
func runVectors(t *testing.T, folder string, c Case) int {
	t.Helper()
	var index struct {
		Vectors []json.RawMessage `json:"vectors"`
	}
	readJSON(t, filepath.Join(folder, "index.json"), &index)
	count := 0
	for _, raw := range index.Vectors {
		var of struct{ ID, Provider string }
		require.NoError(t, json.Unmarshal(raw, &of))
		if of.Provider != c.Provider.Describe().Name {
			continue
		}
		count++
		t.Run(of.ID, func(t *testing.T) {
			t.Parallel()
			playRequest(t, folder, raw, c)
		})
	}
	apiResponses(t, folder, c)
	statusSequences(t, folder)
	return count
}

func playRequest(t *testing.T, folder string, raw json.RawMessage, c Case) {
	t.Helper()
	var v vector
	require.NoError(t, json.Unmarshal(raw, &v))
	body, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(v.File))) //nolint:gosec // a file of the vectors
	require.NoError(t, err)
	if v.Kind == "api_response" {
		v.complete(t, c, body)
		return
	}
	v.receive(t, c, body)
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file) //nolint:gosec // a file of the vectors
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into), file)
}

func (v vector) webhook(body []byte) channel.Webhook {
	webhook := channel.Webhook{
		Method: v.Method, URL: v.URL, Header: http.Header{}, Body: body, ReceivedAt: time.Unix(v.Clock, 0).UTC(),
	}
	for key, value := range v.Headers {
		webhook.Header.Set(key, value)
	}
	return webhook
}

// receive verifies and, where the signature is to hold, parses.
func (v vector) receive(t *testing.T, c Case, body []byte) {
	t.Helper()
	judged, genuine := v.Expect.genuine()
	connection, err := c.Provider.Connect(c.Credential("http://127.0.0.1", cmp.Or(v.Secret, c.Secret)), nil)
	if judged && !genuine && errors.Is(err, channel.ErrInvalidCredential) {
		return // a secret that proves nothing is refused before any webhook
	}
	require.NoError(t, err)
	webhook := v.webhook(body)
	if handshaker, ok := connection.(channel.Handshaker); ok && webhook.Method == http.MethodGet {
		v.expectHandshake(t, handshaker, webhook, genuine)
		return
	}
	err = connection.Verify(webhook)
	if judged && !genuine {
		require.ErrorIs(t, err, channel.ErrBadSignature)
		if v.Expect.Respond != nil {
			require.Equal(t, *v.Expect.Respond, c.Provider.Describe().Replies.BadSignature.Status)
		}
		return
	}
	require.True(t, err == nil || !judged, "%v", err)
	v.requireAuth(t, connection, webhook)
	v.parse(t, c, connection, webhook)
}

func (v vector) parse(t *testing.T, c Case, connection channel.Connection, webhook channel.Webhook) {
	t.Helper()
	delivery, err := connection.Parse(webhook)
	switch {
	case v.Kind == "signature":
		require.True(t, err == nil || errors.Is(err, channel.ErrUnparsable), "%v", err)
		v.expectEvents(t, delivery)
	case v.Expect.Error:
		require.ErrorIs(t, err, channel.ErrUnparsable)
	case v.Kind == "delivery_status" && !v.Expect.served(c.Provider.Describe()):
		require.NoError(t, err)
		require.Empty(t, delivery.Receipts, "the provider does not serve the channel")
	case v.Kind == "delivery_status":
		require.NoError(t, err)
		v.expectReceipts(t, webhook, delivery)
		v.expectEvents(t, delivery)
	case v.Kind == "inbound_message" && !v.Expect.served(c.Provider.Describe()):
		require.NoError(t, err)
		require.Empty(t, delivery.Inbound, "the provider does not serve the channel")
	case v.Kind == "inbound_message":
		require.NoError(t, err)
		require.NotEmpty(t, delivery.Inbound)
		if ids := len(v.Expect.ProviderID); ids > 0 { // what names no messages does not say how many there are
			require.Len(t, delivery.Inbound, ids)
		}
		for i, inbound := range delivery.Inbound {
			v.Expect.inbound(t, i, inbound)
		}
		_, completes := connection.(channel.Completer)
		require.True(t, completes || v.Expect.MustFetch == nil, "what the webhook leaves out must be fetched")
	default:
		require.NoError(t, err)
		v.expectCall(t, connection, delivery)
	}
}

// genuine tells whether the vector says that the webhook is the provider's, and what it says.
func (e expectation) genuine() (judged, genuine bool) {
	genuine = true
	for _, valid := range []*bool{e.Valid, e.SignatureValid, e.AuthValid} {
		if valid != nil {
			judged, genuine = true, genuine && *valid
		}
	}
	return judged, genuine
}

func (v vector) expectReceipts(t *testing.T, webhook channel.Webhook, delivery channel.Delivery) {
	t.Helper()
	statuses := v.Expect.statuses(t)
	if len(statuses) == 0 {
		for _, receipt := range delivery.Receipts {
			require.Empty(t, receipt.Status, "it changes no message")
		}
		return
	}
	require.Len(t, delivery.Receipts, len(statuses))
	for i, receipt := range delivery.Receipts {
		require.Equal(t, statuses[i], string(receipt.Status))
		require.NotEmpty(t, receipt.DedupeKey)
		v.Expect.receipt(t, i, receipt)
		v.expectKey(t, webhook, receipt)
	}
}

// receipt judges the i-th receipt of a webhook.
func (e expectation) receipt(t *testing.T, i int, got channel.Receipt) {
	t.Helper()
	if want := e.ProviderID.at(i); want != nil { // a remark in brackets may follow it
		id, _, _ := strings.Cut(*want, " (")
		require.Equal(t, id, got.ExternalID)
	}
	requireText(t, e.Correlation.at(i), got.MessageID)
	if e.Metadata != nil { // what is not ours claims no message
		message, _ := e.Metadata["message_id"].(string)
		workspace, _ := e.Metadata["workspace_id"].(string)
		require.Equal(t, message, got.MessageID)
		require.Equal(t, workspace, got.WorkspaceID)
	}
	if e.ErrorCode != nil {
		require.NotNil(t, got.Failure)
		require.Equal(t, *e.ErrorCode, got.Failure.ProviderCode)
	}
	if e.Permanent != nil {
		require.NotNil(t, got.Failure)
		require.Equal(t, *e.Permanent, !got.Failure.Retryable)
	}
	if e.OptedOut != nil && *e.OptedOut {
		require.NotNil(t, got.Failure)
		require.Equal(t, channel.CodeOptedOut, got.Failure.Code)
	}
}

// each is a text for all that a webhook brings, or one for each.
type each []string

// UnmarshalJSON implements json.Unmarshaler.
func (e *each) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("[")) {
		return json.Unmarshal(raw, (*[]string)(e))
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		return err
	}
	*e = each{*text}
	return nil
}

// at is what is expected of the i-th; nil when nothing is.
func (e each) at(i int) *string {
	if len(e) == 0 {
		return nil
	}
	return &e[min(i, len(e)-1)]
}

func requireText(t *testing.T, want *string, got string) {
	t.Helper()
	if want != nil {
		require.Equal(t, *want, got)
	}
}

// statuses reads canonical: one word, a list, or null.
func (e expectation) statuses(t *testing.T) []string {
	t.Helper()
	var words []string
	for _, word := range textsOf(t, e.Canonical) {
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// textsOf reads a text, a list of texts, null or nothing.
func textsOf(t *testing.T, raw json.RawMessage) []string {
	t.Helper()
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var texts []string
	if bytes.HasPrefix(raw, []byte("[")) {
		require.NoError(t, json.Unmarshal(raw, &texts))
		return texts
	}
	var text string
	require.NoError(t, json.Unmarshal(raw, &text))
	return []string{text}
}

// served tells whether the message is on a channel that the provider serves; one that names none is.
func (e expectation) served(description channel.Description) bool {
	return e.Channel == nil || slices.Contains(description.Channels, channel.Kind(*e.Channel))
}

// inbound judges the i-th message of a webhook.
func (e expectation) inbound(t *testing.T, i int, got channel.Inbound) {
	t.Helper()
	requireText(t, e.ProviderID.at(i), got.ExternalID)
	requireText(t, e.Channel, string(got.Kind))
	if from := e.From.at(i); from != nil {
		require.Contains(t, append([]string{got.From}, got.Aliases...), asWritten(got.Kind, *from), "the sender, by any of the addresses")
	}
	requireText(t, e.Subject, got.Subject)
	requireText(t, e.ReplyTo, got.ReplyToExternalID)
	if e.AutoSubmitted != nil {
		require.Equal(t, *e.AutoSubmitted, got.Automatic)
	}
	if to := textsOf(t, e.To); to != nil {
		for j := range to {
			to[j] = asWritten(got.Kind, to[j])
		}
		require.Equal(t, to, got.To)
	}
	if e.Text != nil {
		require.Equal(t, textAt(textsOf(t, e.Text), i), got.Body)
	}
	for _, count := range []*int{e.Media, e.Attachments} {
		if count != nil {
			require.Len(t, got.Media, *count)
		}
	}
	for i, mediaType := range e.MediaTypes {
		require.Equal(t, mediaType, got.Media[i].ContentType)
	}
	if e.BodyPresent != nil {
		require.Equal(t, *e.BodyPresent, got.Body != "" || got.HTML != "")
	}
	if e.OptOut != nil {
		keyword := strings.ToUpper(string(channel.ParseKeyword(got.Body)))
		require.Equal(t, strings.Join(textsOf(t, e.OptOut), ""), cmp.Or(got.OptOut, keyword), "the text decides where the provider has no word")
	}
	if e.InReplyTo != nil {
		require.Equal(t, strings.Trim(*e.InReplyTo, "<>"), got.InReplyTo)
	}
}

// complete serves the vector where the adapter asks for it.
func (v vector) complete(t *testing.T, c Case, body []byte) {
	t.Helper()
	_, rest, _ := strings.Cut(v.URL, "://")
	_, wanted, _ := strings.Cut(rest, "/")
	at := NewStandIn(t, func(w http.ResponseWriter, request Request) {
		if request.Method != v.Method || request.URL.Path != "/"+wanted {
			Reply{Status: http.StatusNotFound, Body: "{}"}.write(w)
			return
		}
		Reply{Status: http.StatusOK, Header: v.Headers, Body: string(body)}.write(w)
	})
	completer, ok := c.connection(t, at).(channel.Completer)
	require.True(t, ok, "the provider completes nothing")
	inbound := channel.Inbound{ExternalID: path.Base(v.URL)}
	require.NoError(t, completer.Complete(t.Context(), &inbound))
	require.NotEmpty(t, inbound.Body+inbound.HTML)
	v.Expect.inbound(t, 0, inbound)
}
