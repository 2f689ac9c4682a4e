package channeltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// VectorsVariable names a folder with more vectors of the same form, run beside the committed ones.
const VectorsVariable = "CONVERSATIONS_VECTORS"

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
	Error          bool            `json:"error"`
	Canonical      json.RawMessage `json:"canonical"`
	ProviderID     *string         `json:"provider_id"`
	Correlation    *string         `json:"correlation"`
	DedupeKey      *string         `json:"dedupe_key"`
	ErrorCode      *string         `json:"error_code"`
	OptedOut       *bool           `json:"opted_out"`
	Channel        *string         `json:"channel"`
	From           *string         `json:"from"`
	To             json.RawMessage `json:"to"`
	Subject        *string         `json:"subject"`
	Text           json.RawMessage `json:"text"`
	Media          *int            `json:"media"`
	Attachments    *int            `json:"attachments"`
	MediaTypes     []string        `json:"media_types"`
	BodyPresent    *bool           `json:"body_present"`
	MustFetch      *string         `json:"must_fetch"`
	InReplyTo      *string         `json:"in_reply_to"`
}

// Vectors runs the provider's share of the vectors in a folder through its real adapter and verifier: index.json with
// the files it names, api_responses.json and status_sequences.json.
func Vectors(t *testing.T, folder string, c Case) {
	t.Helper()
	runVectors(t, folder, c)
	if more := os.Getenv(VectorsVariable); more != "" {
		t.Run("more", func(t *testing.T) { runVectors(t, more, c) })
	}
}

func runVectors(t *testing.T, folder string, c Case) {
	t.Helper()
	name := c.Provider.Describe().Name
	var index struct {
		Vectors []vector `json:"vectors"`
	}
	readJSON(t, filepath.Join(folder, "index.json"), &index)
	count := 0
	for _, v := range index.Vectors {
		if v.Provider != name {
			continue
		}
		count++
		body, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(v.File))) //nolint:gosec // a file of the vectors
		require.NoError(t, err)
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			if v.Kind == "api_response" {
				v.complete(t, c, body)
				return
			}
			v.receive(t, c, body)
		})
	}
	require.NotZero(t, count, "no vectors of %s", name)
	apiResponses(t, folder, c)
	statusSequences(t, folder)
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
	connection, err := c.Provider.Connect(c.Credential("http://127.0.0.1", v.Secret), nil)
	require.NoError(t, err)
	webhook := v.webhook(body)
	err = connection.Verify(webhook)
	for _, valid := range []*bool{v.Expect.Valid, v.Expect.SignatureValid, v.Expect.AuthValid} {
		if valid == nil {
			continue
		}
		if !*valid {
			require.ErrorIs(t, err, channel.ErrBadSignature)
			return
		}
		require.NoError(t, err)
	}
	delivery, err := connection.Parse(webhook)
	switch {
	case v.Kind == "signature":
		require.True(t, err == nil || errors.Is(err, channel.ErrUnparsable), "%v", err)
	case v.Expect.Error:
		require.ErrorIs(t, err, channel.ErrUnparsable)
	case v.Kind == "delivery_status":
		require.NoError(t, err)
		v.expectReceipts(t, webhook, delivery)
	case v.Kind == "inbound_message":
		require.NoError(t, err)
		require.Len(t, delivery.Inbound, 1)
		v.Expect.inbound(t, delivery.Inbound[0])
		_, completes := connection.(channel.Completer)
		require.True(t, completes || v.Expect.MustFetch == nil, "what the webhook leaves out must be fetched")
	default: // calls
		require.NoError(t, err)
	}
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
		v.Expect.receipt(t, receipt)
		if key := v.Expect.DedupeKey; key != nil && webhook.Header.Get(*key) != "" {
			require.Equal(t, webhook.Header.Get(*key), receipt.DedupeKey)
		}
	}
}

func (e expectation) receipt(t *testing.T, got channel.Receipt) {
	t.Helper()
	requireText(t, e.ProviderID, got.ExternalID)
	requireText(t, e.Correlation, got.MessageID)
	if e.ErrorCode != nil {
		require.NotNil(t, got.Failure)
		require.Equal(t, *e.ErrorCode, got.Failure.ProviderCode)
	}
	if e.OptedOut != nil && *e.OptedOut {
		require.NotNil(t, got.Failure)
		require.Equal(t, channel.CodeOptedOut, got.Failure.Code)
	}
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

func (e expectation) inbound(t *testing.T, got channel.Inbound) {
	t.Helper()
	requireText(t, e.ProviderID, got.ExternalID)
	requireText(t, e.Channel, string(got.Kind))
	requireText(t, e.From, got.From)
	requireText(t, e.Subject, got.Subject)
	if to := textsOf(t, e.To); to != nil {
		require.Equal(t, to, got.To)
	}
	if e.Text != nil {
		require.Equal(t, strings.Join(textsOf(t, e.Text), ""), got.Body)
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
	v.Expect.inbound(t, inbound)
}

// apiResponses sends a message and gets each recorded answer.
func apiResponses(t *testing.T, folder string, c Case) {
	t.Helper()
	var responses []struct {
		ID       string            `json:"id"`
		Provider string            `json:"provider"`
		Status   int               `json:"status"`
		Headers  map[string]string `json:"headers"`
		Body     string            `json:"body"`
		Expect   struct {
			Class      string `json:"class"`
			ProviderID string `json:"provider_id"`
		} `json:"expect"`
	}
	readJSON(t, filepath.Join(folder, "api_responses.json"), &responses)
	for _, response := range responses {
		if response.Provider != c.Provider.Describe().Name {
			continue
		}
		t.Run(response.ID, func(t *testing.T) {
			t.Parallel()
			at := Answering(t, Reply{Status: response.Status, Header: response.Headers, Body: response.Body})
			accepted, err := c.connection(t, at).Send(t.Context(), c.Message)
			if response.Expect.Class == "ok" {
				require.NoError(t, err)
				require.Equal(t, response.Expect.ProviderID, accepted.ExternalID)
				return
			}
			require.Equal(t, response.Expect.Class, string(failure(t, c, err).Class), err)
		})
	}
}

// statusSequences plays the receipts of one message in the order given: the rank decides, not the order.
func statusSequences(t *testing.T, folder string) {
	t.Helper()
	var sequences []struct {
		ID     string           `json:"id"`
		Events []channel.Status `json:"events"`
		Final  channel.Status   `json:"final"`
	}
	readJSON(t, filepath.Join(folder, "status_sequences.json"), &sequences)
	for _, sequence := range sequences {
		t.Run(sequence.ID, func(t *testing.T) {
			t.Parallel()
			status := channel.Queued
			for _, next := range sequence.Events {
				status = status.Advance(next)
			}
			require.Equal(t, sequence.Final, status)
		})
	}
}
