package sandbox_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/signalwire"
	"github.com/galaxyco-ai/conversations/pkg/channel/twilio"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// desk is an app with two agents behind a real adapter: it rings them both, then takes a voicemail.
type desk struct {
	*house
	connection channel.Connection
	provider   string
	base       string

	lock   sync.Mutex
	events []channel.CallEvent
	wrong  []string
}

func newDesk(t *testing.T, provider string) *desk {
	t.Helper()
	h := setup(t, nil, func(config *sandbox.Config) { config.CallSecond = 100 * time.Millisecond })
	var connection channel.Connection
	var err error
	if provider == "twilio" {
		connection, err = twilio.New().Connect(channel.Credential{
			"account_sid": sandbox.TwilioAccount, "auth_token": sandbox.TwilioToken, "phone_number": ourPhone,
			"base_url": h.url + "/twilio",
		}, h.client)
	} else {
		connection, err = signalwire.New().Connect(channel.Credential{
			"project_id": sandbox.SignalWireProject, "token": sandbox.SignalWireToken, "phone_number": ourPhone,
			"signing_key": sandbox.SignalWireSigningKey, "space_url": h.url + "/signalwire",
		}, h.client)
	}
	require.NoError(t, err)
	d := &desk{house: h, connection: connection, provider: provider, base: h.webhooks + "/api/webhooks/" + provider}
	h.mu.Lock()
	h.document = d.answer
	h.mu.Unlock()
	return d
}

func (d *desk) message() channel.Outbound {
	message := channel.Outbound{
		WorkspaceID: "w-1", MessageID: "m-1", Kind: channel.Call, From: ourPhone, To: caller, Attempt: 1,
	}
	message.StatusURL = d.base + "?" + channel.CallbackQuery(message).Encode()
	message.Call = &channel.OutboundCall{
		AgentPhone: annPhone, Timeout: 10 * time.Minute, AnswerURL: d.at(channel.CallAnswered),
	}
	return message
}

func (d *desk) at(step channel.CallStep) string {
	return channel.CallURL(d.base, channel.Outbound{WorkspaceID: "w-1", MessageID: "m-1", Attempt: 1}, step, url.Values{"agentId": {"a"}})
}

// answer is the app's side of every webhook: verified, read, and instructed in the provider's own language.
func (d *desk) answer(asked hook) string {
	webhook := d.webhook(asked)
	delivery, err := d.connection.Parse(webhook)
	d.lock.Lock()
	defer d.lock.Unlock()
	if verified := d.connection.Verify(webhook); verified != nil || err != nil || len(delivery.Calls) != 1 {
		d.wrong = append(d.wrong, string(asked.body))
		return ""
	}
	event := delivery.Calls[0]
	d.events = append(d.events, event)
	instructor, _ := d.connection.(channel.Instructor)
	reply, err := instructor.Instruct(d.instructions(event))
	if err != nil {
		d.wrong = append(d.wrong, err.Error())
	}
	return reply.Body
}

func (d *desk) instructions(event channel.CallEvent) []channel.Instruction {
	dial := func(numbers ...string) channel.Instruction {
		wanted := channel.Dial{
			CallerID: ourPhone, Timeout: 10 * time.Minute, Record: true,
			ActionURL: d.at(channel.CallDialed), RecordingURL: d.at(channel.CallRecording),
		}
		for _, number := range numbers {
			wanted.Numbers = append(wanted.Numbers, channel.DialNumber{Number: number, StatusURL: d.at(channel.CallStatus)})
		}
		return channel.Instruction{Dial: &wanted}
	}
	switch event.Step {
	case channel.CallIncoming:
		return []channel.Instruction{dial(annPhone, benPhone)}
	case channel.CallAnswered:
		return []channel.Instruction{{Say: &channel.Say{Text: `Calling <"your"> customer & co.`}}, dial(caller)}
	case channel.CallDialed:
		if event.DialState == channel.CallCompleted {
			return []channel.Instruction{{HangUp: true}}
		}
		return []channel.Instruction{{Say: &channel.Say{Text: "Please leave a message."}}, {Record: &channel.Record{
			MaxLength: 2 * time.Minute, Transcribe: true, ActionURL: d.at(channel.CallRecorded),
			RecordingURL: d.at(channel.CallRecording), TranscriptionURL: d.at(channel.CallTranscription),
		}}, {HangUp: true}}
	case channel.CallRecorded, channel.CallStatus, channel.CallRecording, channel.CallTranscription:
	}
	return []channel.Instruction{{HangUp: true}}
}

// event waits for the first event that fulfils.
func (d *desk) event(t *testing.T, want func(channel.CallEvent) bool) channel.CallEvent {
	t.Helper()
	var found channel.CallEvent
	require.Eventually(t, func() bool {
		d.lock.Lock()
		defer d.lock.Unlock()
		at := slices.IndexFunc(d.events, want)
		if at >= 0 {
			found = d.events[at]
		}
		return at >= 0
	}, patience, 2*time.Millisecond)
	d.lock.Lock()
	defer d.lock.Unlock()
	require.Empty(t, d.wrong, "every webhook is genuine and read")
	return found
}

func (d *desk) dials(t *testing.T) map[string]any {
	t.Helper()
	got := d.own(t, http.MethodPost, "/api/calls", map[string]string{"from": caller, "to": ourPhone, "provider": d.provider})
	require.Equal(t, http.StatusAccepted, got.status, string(got.body))
	return got.json(t)
}

// file fetches a recording as the app does: with the credential where the adapter adds one.
func (d *desk) file(t *testing.T, media *channel.Media) reply {
	t.Helper()
	at, ok := strings.CutPrefix(media.URL, d.url)
	require.True(t, ok, media.URL)
	request := d.request(t, http.MethodGet, at, "")
	if d.provider == "twilio" {
		require.Equal(t, http.StatusUnauthorized, d.do(t, d.request(t, http.MethodGet, at, "")).status, "it is not public")
	}
	if authorizer, ok := d.connection.(channel.MediaAuthorizer); ok {
		authorizer.AuthorizeMedia(request)
	}
	return d.do(t, request)
}

func bothProviders(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	for _, provider := range []string{"signalwire", "twilio"} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			test(t, newDesk(t, provider))
		})
	}
}

func TestAdaptersTakeAnIncomingCallToVoicemail(t *testing.T) {
	t.Parallel()
	bothProviders(t, func(t *testing.T, d *desk) {
		t.Helper()
		begun := d.dials(t)
		incoming := d.event(t, func(e channel.CallEvent) bool { return e.Step == channel.CallIncoming })
		require.Equal(t, begun["id"], incoming.ExternalID)
		require.Equal(t, caller, incoming.From)
		require.Equal(t, ourPhone, incoming.To)
		require.Equal(t, channel.CallRinging, incoming.State)
		d.press(t, d.phone(t, annPhone, "ringing"), "decline", nil)
		ben := d.phone(t, benPhone, "ringing")
		d.press(t, ben, "decline", nil)
		leg := d.event(t, func(e channel.CallEvent) bool { return e.ExternalID == ben["id"] && e.State == channel.CallBusy })
		require.Equal(t, begun["id"], leg.ParentID)
		require.Equal(t, "a", leg.Query.Get("agentId"))
		dialed := d.event(t, func(e channel.CallEvent) bool { return e.Step == channel.CallDialed })
		require.Equal(t, channel.CallBusy, dialed.DialState)
		const words = "This is Ana. Please call me back."
		require.Eventually(t, func() bool {
			return d.press(t, begun, "speak", map[string]string{"text": words}).status == http.StatusOK
		}, patience, 2*time.Millisecond)
		d.press(t, begun, "hang-up", nil)
		recorded := d.event(t, func(e channel.CallEvent) bool { return e.Step == channel.CallRecorded })
		recording := d.event(t, func(e channel.CallEvent) bool { return e.Recording != nil })
		require.Equal(t, recorded.RecordingID, recording.RecordingID)
		require.Positive(t, recording.RecordingDuration)
		file := d.file(t, recording.Recording)
		require.Equal(t, http.StatusOK, file.status)
		require.Equal(t, recording.Recording.ContentType, file.header.Get("Content-Type"))
		transcript := d.event(t, func(e channel.CallEvent) bool { return e.Step == channel.CallTranscription })
		require.Equal(t, words, transcript.Transcript)
		require.Equal(t, recording.RecordingID, transcript.RecordingID)
		require.Equal(t, "m-1", transcript.MessageID, "the transcript is found by our id")
	})
}

func TestAdaptersConnectAnAgentWithACustomer(t *testing.T) {
	t.Parallel()
	bothProviders(t, func(t *testing.T, d *desk) {
		t.Helper()
		before := time.Now()
		accepted, err := d.connection.Send(t.Context(), d.message())
		require.NoError(t, err)
		require.Equal(t, channel.Queued, accepted.Status)
		finder, _ := d.connection.(channel.Finder)
		found, err := finder.Find(t.Context(), d.message(), before)
		require.NoError(t, err)
		require.Equal(t, accepted.ExternalID, found.ExternalID)
		ann := d.phone(t, annPhone, "ringing")
		d.press(t, ann, "answer", nil)
		customer := d.phone(t, caller, "ringing")
		require.Equal(t, []any{`Calling <"your"> customer & co.`}, d.phone(t, annPhone, "in_progress")["said"])
		d.press(t, customer, "answer", nil)
		d.phone(t, caller, "in_progress")
		d.press(t, customer, "hang-up", nil)
		ended := d.event(t, func(e channel.CallEvent) bool {
			return e.ExternalID == accepted.ExternalID && e.Step == channel.CallStatus && e.State == channel.CallCompleted
		})
		require.Equal(t, "m-1", ended.MessageID)
		require.Positive(t, ended.Duration)
		dialed := d.event(t, func(e channel.CallEvent) bool { return e.Step == channel.CallDialed })
		require.Equal(t, channel.CallCompleted, dialed.DialState)
		require.Equal(t, customer["id"], dialed.DialedID)
		leg := d.event(t, func(e channel.CallEvent) bool {
			return e.ExternalID == dialed.DialedID && e.State == channel.CallCompleted
		})
		require.Equal(t, accepted.ExternalID, leg.ParentID)
		require.NotNil(t, d.event(t, func(e channel.CallEvent) bool { return e.Recording != nil }))

		lister, _ := d.connection.(channel.Lister)
		listed := map[string]channel.CallEvent{}
		for cursor, more := "", true; more; {
			page, err := lister.List(t.Context(), before, cursor)
			require.NoError(t, err)
			for _, event := range page.Calls {
				listed[event.DedupeKey] = event
			}
			cursor, more = page.Next, page.Next != ""
		}
		require.Len(t, listed, 2)
		require.Equal(t, channel.CallCompleted, listed[ended.DedupeKey].State, "a list tells what the webhooks told")
		require.Equal(t, dialed.DialedID, listed[dialed.DedupeKey].DialedID)
	})
}

func TestAdaptersReadTheBadEndsOfCalls(t *testing.T) {
	t.Parallel()
	bothProviders(t, func(t *testing.T, d *desk) {
		t.Helper()
		for number, want := range map[string]channel.CallState{
			"+14155550002": channel.CallFailed, "+14155550003": channel.CallBusy, "+14155550104": channel.CallNoAnswer,
		} {
			message := d.message()
			message.Call.AgentPhone, message.Call.Timeout = number, 5*time.Second
			accepted, err := d.connection.Send(t.Context(), message)
			require.NoError(t, err)
			ended := d.event(t, func(e channel.CallEvent) bool { return e.ExternalID == accepted.ExternalID && e.State == want })
			require.NotNil(t, ended.Failure, number)
			require.NotEmpty(t, ended.Failure.Remedy)
		}
		for number, want := range map[string]channel.Class{"+14155550000": channel.Permanent, "12": channel.Permanent} {
			message := d.message()
			message.Call.AgentPhone = number
			_, err := d.connection.Send(t.Context(), message)
			require.Equal(t, want, channel.ClassOf(err), number)
		}
		foreign := d.message()
		foreign.From = "+14155550199"
		_, err := d.connection.Send(t.Context(), foreign)
		require.Equal(t, channel.PermanentConfig, channel.ClassOf(err))
		d.fault(t, map[string]any{"provider": d.provider, "dropResponses": true, "failCount": 1})
		before := time.Now()
		message := d.message()
		message.Call.AgentPhone = "+14155550105"
		_, err = d.connection.Send(t.Context(), message)
		require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
		finder, _ := d.connection.(channel.Finder)
		found, err := finder.Find(t.Context(), message, before)
		require.NoError(t, err, "a call whose reply was lost is looked up")
		require.NotEmpty(t, found.ExternalID)
	})
}
