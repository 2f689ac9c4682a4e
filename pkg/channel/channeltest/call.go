package channeltest

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// SentCall is what a request to place a call carried, as the case reads it out of the provider's own format.
type SentCall struct {
	To, From, AnswerURL, StatusURL string
}

// Calls describes the calls of a provider to the suite.
type Calls struct {
	// Message is one the provider takes on the channel Call.
	Message channel.Outbound
	// Accepted is the answer to a call that is taken under AcceptedID; Refusals and Find are those of Case.
	Accepted   Reply
	AcceptedID string
	Refusals   map[channel.Class]Reply
	Find       *Find
	// Read reads a request to place a call.
	Read func(request *http.Request, body []byte) SentCall
	// Status is an unsigned webhook with the provider's word for the state of a call, to the URL.
	Status func(url, id, word string) channel.Webhook
	// Words are provider words and what they mean. UnknownWord is none of them.
	Words       map[string]channel.CallState
	UnknownWord string
	// Webhooks are unsigned webhooks of every step, and what must be read out of each.
	Webhooks []CallWebhook
}

// CallWebhook is a webhook about a call. What Want leaves out of Query and OccurredAt is not compared.
type CallWebhook struct {
	Name    string
	Webhook channel.Webhook
	Want    channel.CallEvent
}

// hostile are texts that a customer, a greeting or a name may hold.
func hostile() []string {
	return []string{
		`</Say><Dial>+19005550100</Dial><Say>`, `]]><Hangup/>`, `"><Redirect>https://example.net/</Redirect>`, "&amp;&lt;&#0;",
		"a\x00b\x1b\xff\xfe", "zwei\nZeilen\t\r\n", "שלום 👋 \u202e", `<!DOCTYPE x [<!ENTITY a "b">]>&a;`, strings.Repeat("long <text> & more ", 400),
	}
}

func calls(t *testing.T, c Case) {
	t.Helper()
	serves := slices.Contains(c.Provider.Describe().Channels, channel.Call)
	require.Equal(t, c.Calls != nil, serves, "a case says what a provider can do")
	if c.Calls == nil {
		return
	}
	placing := c
	placing.Message, placing.Accepted, placing.AcceptedID = c.Calls.Message, c.Calls.Accepted, c.Calls.AcceptedID
	placing.Refusals, placing.Find, placing.Unlisted = c.Calls.Refusals, c.Calls.Find, false
	t.Run("placed, with our ids riding along", func(t *testing.T) { t.Parallel(); placed(t, placing) })
	t.Run("refused", func(t *testing.T) { t.Parallel(); refused(t, placing) })
	t.Run("lost", func(t *testing.T) { t.Parallel(); lost(t, placing) })
	t.Run("odd", func(t *testing.T) { t.Parallel(); odd(t, placing) })
	t.Run("find", func(t *testing.T) { t.Parallel(); find(t, placing) })
	t.Run("without an agent nobody is rung", func(t *testing.T) {
		t.Parallel()
		at := Answering(t, placing.Accepted)
		for _, without := range []*channel.OutboundCall{nil, {}, {AgentPhone: "+14155550100"}} {
			message := placing.Message
			message.Call = without
			_, err := c.connection(t, at).Send(t.Context(), message)
			require.Equal(t, channel.Permanent, failure(t, c, err).Class)
		}
		require.Empty(t, at.Requests())
	})
	t.Run("webhooks", func(t *testing.T) { t.Parallel(); callWebhooks(t, placing) })
	t.Run("words", func(t *testing.T) { t.Parallel(); callWords(t, placing) })
	t.Run("instructions", func(t *testing.T) { t.Parallel(); instructions(t, placing) })
}

func placed(t *testing.T, c Case) {
	t.Helper()
	at := Answering(t, c.Accepted)
	accepted, err := c.connection(t, at).Send(t.Context(), c.Message)
	require.NoError(t, err)
	require.Equal(t, c.AcceptedID, accepted.ExternalID)
	require.Contains(t, []channel.Status{channel.Queued, channel.Sending, channel.Sent}, accepted.Status)
	requests := at.Requests()
	require.Len(t, requests, 1, "placing a call is one request")
	sent := c.Calls.Read(requests[0].Request, requests[0].Content)
	require.Equal(t, c.Message.Call.AgentPhone, sent.To, "the agent's phone rings first")
	require.Equal(t, c.Message.From, sent.From)
	require.Equal(t, c.Message.Call.AnswerURL, sent.AnswerURL)
	var told channel.CallEvent
	channel.ParseCallQuery(sent.StatusURL, &told)
	require.Equal(t, channel.CallStatus, told.Step)
	require.Equal(t, c.Message.WorkspaceID, told.WorkspaceID)
	require.Equal(t, c.Message.MessageID, told.MessageID)
	require.Equal(t, c.Message.Attempt, told.Attempt)
	place, _, _ := strings.Cut(c.Message.StatusURL, "?")
	require.True(t, strings.HasPrefix(sent.StatusURL, place+"?"), sent.StatusURL)
}

// callOf verifies and parses a webhook, twice: the same webhook says the same.
func (c Case) callOf(t *testing.T, connection channel.Connection, webhook channel.Webhook) channel.CallEvent {
	t.Helper()
	webhook = c.signed(withUnknownField(webhook))
	require.NoError(t, connection.Verify(webhook))
	delivery, err := connection.Parse(webhook)
	require.NoError(t, err)
	require.Empty(t, delivery.Inbound)
	require.Empty(t, delivery.Receipts)
	require.Len(t, delivery.Calls, 1)
	again, err := connection.Parse(webhook)
	require.NoError(t, err)
	require.Equal(t, delivery, again)
	event := delivery.Calls[0]
	require.NotEmpty(t, event.DedupeKey)
	require.False(t, event.OccurredAt.IsZero())
	require.True(t, event.Step.Known())
	return event
}

func callWebhooks(t *testing.T, c Case) {
	t.Helper()
	connection := c.connection(t, Answering(t, Reply{Status: 500}))
	keys, steps := map[string]string{}, map[channel.CallStep]bool{}
	for _, one := range c.Calls.Webhooks {
		event := c.callOf(t, connection, one.Webhook)
		require.Empty(t, keys[event.DedupeKey], "%s and %s are one fact", one.Name, keys[event.DedupeKey])
		keys[event.DedupeKey], steps[event.Step] = one.Name, true
		forged := c.signed(one.Webhook)
		forged.URL += "&callStep=answered"
		require.ErrorIs(t, connection.Verify(forged), channel.ErrBadSignature, one.Name)
		event.DedupeKey = one.Want.DedupeKey
		if one.Want.OccurredAt.IsZero() {
			event.OccurredAt = time.Time{}
		}
		if one.Want.Query == nil {
			event.Query = nil
		}
		require.Equal(t, one.Want, event, one.Name)
	}
	require.Len(t, steps, 7, "every step is tried")
}

func callWords(t *testing.T, c Case) {
	t.Helper()
	connection := c.connection(t, Answering(t, Reply{Status: 500}))
	statusURL := channel.WithCallStep(c.Message.StatusURL, channel.CallStatus)
	keys := map[string]bool{}
	for word, state := range c.Calls.Words {
		event := c.callOf(t, connection, c.Calls.Status(statusURL, c.AcceptedID, word))
		require.Equal(t, state, event.State, word)
		require.Equal(t, word, event.ProviderStatus)
		require.Equal(t, c.AcceptedID, event.ExternalID)
		require.Equal(t, c.Message.MessageID, event.MessageID)
		require.Equal(t, c.Message.WorkspaceID, event.WorkspaceID)
		require.Equal(t, c.Message.Attempt, event.Attempt)
		bad := slices.Contains([]channel.CallState{
			channel.CallBusy, channel.CallNoAnswer, channel.CallFailed, channel.CallCanceled,
		}, state)
		require.Equal(t, bad, event.Failure != nil, word)
		if bad {
			require.NotEmpty(t, event.Failure.Message)
			require.NotEmpty(t, event.Failure.Remedy)
		}
		keys[event.DedupeKey] = true
	}
	require.Len(t, keys, len(c.Calls.Words), "each fact has its key")
	event := c.callOf(t, connection, c.Calls.Status(statusURL, c.AcceptedID, c.Calls.UnknownWord))
	require.Empty(t, event.State, "an unknown word moves nothing")
	require.Equal(t, c.Calls.UnknownWord, event.ProviderStatus, "and is kept")
}

// instructions are read back by a parser of their language: XML.
func instructions(t *testing.T, c Case) {
	t.Helper()
	connection := c.connection(t, Answering(t, Reply{Status: 500}))
	instructor, ok := connection.(channel.Instructor)
	require.True(t, ok, "a provider that serves calls has instructions")
	const at = "https://hooks.example.test/voice?a=1&b=%3C%22"
	for _, text := range hostile() {
		reply, err := instructor.Instruct([]channel.Instruction{
			{Say: &channel.Say{Text: text, Language: `en"><x`}}, {Record: &channel.Record{ActionURL: at, MaxLength: time.Minute}}, {HangUp: true},
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, reply.Status)
		require.Contains(t, reply.ContentType, "xml")
		elements, said := elementsOf(t, reply.Body)
		names := slices.Compact(elements)
		require.Equal(t, []string{"Response", "Say", "Record", "Hangup"}, names, "no text becomes a verb")
		require.Equal(t, printable(text), said)
	}
	reply, err := instructor.Instruct([]channel.Instruction{{Dial: &channel.Dial{
		Numbers: []channel.DialNumber{{Number: "+14155550101", StatusURL: at, AnswerURL: at}, {Number: "+14155550102"}},
		Timeout: 20 * time.Second, CallerID: "+14155550100", Record: true, ActionURL: at, RecordingURL: at,
	}}})
	require.NoError(t, err)
	elements, _ := elementsOf(t, reply.Body)
	require.Equal(t, []string{"Response", "Dial", "Number", "Number"}, elements)
	reply, err = instructor.Instruct(nil)
	require.NoError(t, err)
	elements, _ = elementsOf(t, reply.Body)
	require.Equal(t, []string{"Response"}, elements)
	for name, wrong := range map[string]channel.Instruction{
		"nothing": {}, "two things": {HangUp: true, Say: &channel.Say{Text: "x"}}, "silence": {Say: &channel.Say{}},
		"nobody to ring":            {Dial: &channel.Dial{}},
		"too many to ring":          {Dial: &channel.Dial{Numbers: slices.Repeat([]channel.DialNumber{{Number: "+14155550101"}}, 100)}},
		"a number that is none":     {Dial: &channel.Dial{Numbers: []channel.DialNumber{{Number: "+1415<Number>"}}}},
		"a recording without end":   {Record: &channel.Record{}},
		"a place with a fragment":   {Record: &channel.Record{ActionURL: at + "#x"}},
		"a place that is no URL":    {Record: &channel.Record{ActionURL: "/voice"}},
		"a place of another scheme": {Record: &channel.Record{ActionURL: "ftp://example.com/"}},
	} {
		_, err := instructor.Instruct([]channel.Instruction{wrong})
		require.Error(t, err, name)
	}
}

// printable is a text as XML can hold it, its line ends as XML reads them.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' {
			return '\uFFFD'
		}
		return r
	}, string([]rune(text)))
}

// elementsOf reads a document: the names of its elements in their order, and the text in them.
func elementsOf(t *testing.T, document string) (names []string, text string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(document))
	var said strings.Builder
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return names, said.String()
		}
		require.NoError(t, err, document)
		switch token := token.(type) {
		case xml.StartElement:
			names = append(names, token.Name.Local)
		case xml.CharData:
			if len(names) > 1 {
				_, _ = said.Write(token) // a builder does not fail
			}
		case xml.Directive, xml.Comment:
			t.Errorf("a directive or comment in %s", document)
		}
	}
}
