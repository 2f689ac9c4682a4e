package webhook_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

const (
	callAccountID = "0197a000-0000-7000-8000-00000000000d"
	ana, ben      = "+14155550181", "+14155550182"
)

// settle says what the rig's workspace does with calls. It returns when the service knows.
func (r *rig) settle(t *testing.T, settings *bucketv1.CallSettings) {
	t.Helper()
	r.route(t, r.workspace, r.sms, "call", callAccountID)
	settings.WorkspaceId = r.workspace.String()
	value, err := proto.Marshal(settings)
	require.NoError(t, err)
	bucket, err := r.bus.Bucket(t.Context(), event.BucketCalls)
	require.NoError(t, err)
	_, err = bucket.Put(t.Context(), event.CallSettingsKey(r.workspace), value)
	require.NoError(t, err)
	probe, attempt := "probe", 0
	require.Eventually(t, func() bool { // the copy follows the bucket in its own time
		attempt++
		got := r.ask(t, r.smsPath(), r.callFields(fmt.Sprintf("%s-%d", probe, attempt), "ringing"))
		return settings.GetVoicemail() == got.has("Record") || got.has("Dial")
	}, 30*time.Second, 20*time.Millisecond)
	r.purge(t)
}

// purge forgets what the streams hold.
func (r *rig) purge(t *testing.T) {
	t.Helper()
	for _, name := range []string{event.StreamInbound, event.StreamReceipt, event.StreamQuarantine} {
		stream, err := r.bus.JetStream().Stream(t.Context(), name)
		require.NoError(t, err)
		require.NoError(t, stream.Purge(t.Context()))
	}
}

func agents() []*bucketv1.CallAgent {
	return []*bucketv1.CallAgent{{UserId: "ana", Name: "Ana", Phone: ana}, {UserId: "ben", Name: "Ben", Phone: ben}}
}

func (r *rig) callFields(id, status string) url.Values {
	return url.Values{
		"CallSid": {id}, "AccountSid": {r.sms.Account}, "CallStatus": {status}, "Direction": {"inbound"},
		"From": {customer}, "To": {r.sms.Address},
	}
}

// verb is an element of the document a provider is answered with.
type verb struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []verb     `xml:",any"`
}

func (v verb) attr(name string) string {
	at := slices.IndexFunc(v.Attrs, func(a xml.Attr) bool { return a.Name.Local == name })
	if at < 0 {
		return ""
	}
	return v.Attrs[at].Value
}

func (v verb) names() []string {
	var names []string
	for _, child := range v.Children {
		names = append(names, child.XMLName.Local)
	}
	return names
}

func (v verb) has(name string) bool { return slices.Contains(v.names(), name) }

func (v verb) child(t *testing.T, name string) verb {
	t.Helper()
	require.True(t, v.has(name), "%s in %v", name, v.names())
	return v.Children[slices.Index(v.names(), name)]
}

// ask sends a webhook about a call and reads the instructions.
func (r *rig) ask(t *testing.T, path string, fields url.Values) verb {
	t.Helper()
	got := r.send(t, r.signedForm(path, fields))
	require.Equal(t, http.StatusOK, got.status, got.body)
	var document verb
	require.NoError(t, xml.Unmarshal([]byte(got.body), &document), got.body)
	require.Equal(t, "Response", document.XMLName.Local)
	return document
}

// pathOf is the path of one of our own URLs, as the provider comes back to it.
func pathOf(t *testing.T, ours string) string {
	t.Helper()
	path, ok := strings.CutPrefix(ours, publicURL)
	require.True(t, ok, ours)
	return path
}

func TestCall_rings_all_agents_and_tells_who_took_it(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settle(t, &bucketv1.CallSettings{
		RingMode: "parallel", RingSeconds: 25, Agents: agents(), Announcement: "This call is recorded.", Record: true, Voicemail: true,
	})
	document := r.ask(t, r.smsPath(), r.callFields("CA-1", "ringing"))
	require.Equal(t, []string{"Say", "Dial"}, document.names())
	require.Equal(t, "This call is recorded.", document.Children[0].Text)
	dial := document.child(t, "Dial")
	require.Equal(t, r.sms.Address, dial.attr("callerId"))
	require.Equal(t, "25", dial.attr("timeout"))
	require.Len(t, dial.Children, 2)
	require.Equal(t, ben, strings.TrimSpace(dial.Children[1].Text))
	require.NotEmpty(t, dial.attr("recordingStatusCallback"))

	received := inbound(t, r)
	require.Len(t, received, 1)
	message := conversation.DeriveMessageID(r.workspace, callAccountID, "CA-1")
	require.Equal(t, message, received[0].GetMessageId())
	require.Equal(t, "call", received[0].GetChannel())
	require.Equal(t, customer, received[0].GetFrom())
	require.Equal(t, "ringing", received[0].GetCall().GetState())

	leg := url.Values{
		"CallSid": {"CA-2"}, "ParentCallSid": {"CA-1"}, "AccountSid": {r.sms.Account}, "CallStatus": {"in-progress"},
		"Direction": {"outbound-dial"}, "From": {r.sms.Address}, "To": {ben}, "SequenceNumber": {"2"},
	}
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(pathOf(t, dial.Children[1].attr("statusCallback")), leg)).status)
	ended := r.callFields("CA-1", "in-progress")
	maps.Copy(ended, url.Values{"DialCallStatus": {"completed"}, "DialCallSid": {"CA-2"}, "DialCallDuration": {"61"}})
	require.Equal(t, []string{"Hangup"}, r.ask(t, pathOf(t, dial.attr("action")), ended).names())
	over := r.callFields("CA-1", "completed")
	over.Set("CallDuration", "70")
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(r.smsPath(), over)).status)

	told := receipts(t, r)
	require.Len(t, told, 3)
	for _, receipt := range told {
		require.Equal(t, message, receipt.GetMessageId())
		require.Equal(t, "CA-1", receipt.GetExternalId())
		require.Empty(t, receipt.GetStatus(), "an inbound call is received, whatever becomes of it")
	}
	require.Equal(t, "in_progress", told[0].GetCall().GetState())
	require.Equal(t, "ben", told[0].GetCall().GetAgentId())
	require.NotNil(t, told[0].GetCall().GetAnsweredAt())
	require.Equal(t, "completed", told[1].GetCall().GetState())
	require.Equal(t, int32(61), told[1].GetCall().GetDurationSeconds())
	require.Equal(t, "no_answer", told[2].GetCall().GetState(), "the call around the leg outranks nothing that the leg told")
}

func TestCall_rings_one_agent_after_the_other_then_takes_a_message(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *webhook.Config) { c.AllowedPrivateHosts = []string{"127.0.0.1"} })
	r.settle(t, &bucketv1.CallSettings{RingMode: "in_turn", Agents: agents(), Voicemail: true, VoicemailGreeting: "Speak & be heard."})
	message := conversation.DeriveMessageID(r.workspace, callAccountID, "CA-1")

	document, unanswered := r.ask(t, r.smsPath(), r.callFields("CA-1", "ringing")), r.callFields("CA-1", "in-progress")
	unanswered.Set("DialCallStatus", "no-answer")
	for turn, phone := range []string{ana, ben} {
		dial := document.child(t, "Dial")
		require.Len(t, dial.Children, 1, turn)
		require.Equal(t, phone, strings.TrimSpace(dial.Children[0].Text))
		unanswered.Set("DialCallSid", fmt.Sprintf("CA-leg-%d", turn))
		document = r.ask(t, pathOf(t, dial.attr("action")), unanswered)
	}
	require.Equal(t, []string{"Say", "Record", "Hangup"}, document.names())
	require.Equal(t, "Speak & be heard.", document.Children[0].Text)

	r.api.HandleFunc("GET /voicemail.mp3", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "audio/mpeg")
		_, _ = io.WriteString(w, "ID3 the customer speaks")
	})
	record := document.child(t, "Record")
	left := r.callFields("CA-1", "in-progress")
	maps.Copy(left, url.Values{"RecordingSid": {"RE-1"}, "RecordingUrl": {r.apiURL + "/voicemail"}, "RecordingDuration": {"7"}})
	require.Equal(t, []string{"Hangup"}, r.ask(t, pathOf(t, record.attr("action")), left).names())
	ready := url.Values{
		"RecordingSid": {"RE-1"}, "CallSid": {"CA-1"}, "AccountSid": {r.sms.Account}, "RecordingStatus": {"completed"},
		"RecordingUrl": {r.apiURL + "/voicemail"}, "RecordingDuration": {"7"},
	}
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(pathOf(t, record.attr("recordingStatusCallback")), ready)).status)
	transcript := url.Values{
		"TranscriptionSid": {"TR-1"}, "TranscriptionText": {"Please call me back."}, "TranscriptionStatus": {"completed"},
		"RecordingSid": {"RE-1"}, "AccountSid": {r.sms.Account},
	}
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(pathOf(t, record.attr("transcribeCallback")), transcript)).status)

	states, merged := []string{}, &eventv1.Call{}
	for _, receipt := range receipts(t, r) {
		require.Equal(t, message, receipt.GetMessageId())
		states = append(states, receipt.GetCall().GetState())
		proto.Merge(merged, receipt.GetCall())
	}
	require.Equal(t, []string{"", "no_answer", "voicemail", "voicemail", ""}, states)
	require.Equal(t, "Please call me back.", merged.GetTranscript())
	require.Equal(t, int32(7), merged.GetDurationSeconds())
	require.Equal(t, int64(23), merged.GetRecording().GetSize())
	require.True(t, strings.HasPrefix(merged.GetRecording().GetBlobKey(), r.workspace.String()+"/"+message+"/"))
	require.Empty(t, quarantine(t, r))
}

func TestCall_of_ours_rings_the_customer_when_the_agent_picks_up(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settle(t, &bucketv1.CallSettings{Announcement: "This call is recorded.", Voicemail: true})
	message := "0197a000-0000-7000-8000-0000000000ff"
	placed := channel.Outbound{WorkspaceID: r.workspace.String(), MessageID: message, Attempt: 1}
	base := publicURL + r.smsPath()
	fields := url.Values{
		"CallSid": {"CA-1"}, "AccountSid": {r.sms.Account}, "Direction": {"outbound-api"}, "From": {r.sms.Address}, "To": {ana},
		"CallStatus": {"in-progress"},
	}
	answer := channel.CallURL(base, placed, channel.CallAnswered, url.Values{
		channel.CallQueryTo: {customer}, channel.CallQueryRecord: {"true"},
	})
	document := r.ask(t, pathOf(t, answer), fields)
	require.Equal(t, []string{"Say", "Dial"}, document.names())
	dial := document.child(t, "Dial")
	require.Equal(t, r.sms.Address, dial.attr("callerId"))
	require.Equal(t, customer, strings.TrimSpace(dial.child(t, "Number").Text))
	require.NotEmpty(t, dial.attr("recordingStatusCallback"))
	fields.Set("CallSid", "CA-2")
	fields.Set("ParentCallSid", "CA-1")
	whisper := r.ask(t, pathOf(t, dial.child(t, "Number").attr("url")), fields)
	require.Equal(t, []string{"Say"}, whisper.names(), "the customer is told too")

	for _, status := range []string{"ringing", "in-progress", "completed"} {
		leg := url.Values{
			"CallSid": {"CA-2"}, "ParentCallSid": {"CA-1"}, "AccountSid": {r.sms.Account}, "CallStatus": {status},
			"Direction": {"outbound-dial"}, "From": {r.sms.Address}, "To": {customer}, "CallDuration": {"12"},
		}
		path := pathOf(t, dial.child(t, "Number").attr("statusCallback"))
		require.Equal(t, http.StatusOK, r.send(t, r.signedForm(path, leg)).status)
	}
	var statuses []string
	for _, receipt := range receipts(t, r) {
		require.Equal(t, message, receipt.GetMessageId())
		require.Equal(t, int32(1), receipt.GetAttempt())
		statuses = append(statuses, receipt.GetCall().GetState()+" "+receipt.GetStatus())
	}
	require.Equal(t, []string{
		"ringing sent", "in_progress delivered", "ringing sent", "in_progress delivered", "completed delivered",
	}, statuses)
	require.Empty(t, inbound(t, r))
}

func TestCall_of_ours_that_nobody_takes_says_whose_phone_it_was(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ step, status, dialed, state, want, reason string }{
		"the agent's is busy":    {"status", "busy", "", "busy", "undelivered", "picked up"},
		"the customer's is busy": {"dialed", "in-progress", "busy", "busy", "undelivered", "line was busy"},
		"the network fails":      {"dialed", "in-progress", "failed", "failed", "failed", "could not connect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.settle(t, &bucketv1.CallSettings{Voicemail: true})
			placed := channel.Outbound{
				WorkspaceID: r.workspace.String(), MessageID: "0197a000-0000-7000-8000-0000000000ff", Attempt: 1,
			}
			path := pathOf(t, channel.CallURL(publicURL+r.smsPath(), placed, channel.CallStep(test.step), nil))
			fields := url.Values{
				"CallSid": {"CA-1"}, "AccountSid": {r.sms.Account}, "Direction": {"outbound-api"}, "From": {r.sms.Address},
				"To": {ana}, "CallStatus": {test.status},
			}
			if test.dialed != "" {
				fields.Set("DialCallStatus", test.dialed)
			}
			require.Equal(t, http.StatusOK, r.send(t, r.signedForm(path, fields)).status)
			told := receipts(t, r)
			require.Len(t, told, 1)
			require.Equal(t, test.state, told[0].GetCall().GetState())
			require.Equal(t, test.want, told[0].GetStatus())
			require.Contains(t, told[0].GetFailure().GetMessage(), test.reason)
			require.NotEmpty(t, told[0].GetFailure().GetRemedy())
		})
	}
}

func TestCall_nobody_can_take_ends_politely(t *testing.T) {
	t.Parallel()
	t.Run("of a workspace that has not said what to do", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.route(t, r.workspace, r.sms, "call", callAccountID)
		require.Equal(t, []string{"Say", "Hangup"}, r.ask(t, r.smsPath(), r.callFields("CA-1", "ringing")).names())
		require.Len(t, inbound(t, r), 1, "it is in the conversation all the same")
	})
	t.Run("with no agents it is taken by the voicemail", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.settle(t, &bucketv1.CallSettings{Voicemail: true})
		require.Equal(t, []string{"Say", "Record", "Hangup"}, r.ask(t, r.smsPath(), r.callFields("CA-1", "ringing")).names())
	})
	t.Run("to a number nobody has it is turned down and kept", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		fields := r.callFields("CA-1", "ringing")
		fields.Set("To", "+15009999999")
		require.Equal(t, []string{"Reject"}, r.ask(t, r.smsPath(), fields).names())
		kept := quarantine(t, r)
		require.Len(t, kept, 1)
		require.Equal(t, "unknown_address", kept[0].GetReason())
	})
	t.Run("of another workspace by its ids it is ended", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.settle(t, &bucketv1.CallSettings{Voicemail: true})
		stranger := channel.Outbound{WorkspaceID: workspace.NewID().String(), MessageID: "0197a000-0000-7000-8000-0000000000ff"}
		path := pathOf(t, channel.CallURL(publicURL+r.smsPath(), stranger, channel.CallDialed, nil))
		fields := r.callFields("CA-1", "in-progress")
		fields.Set("DialCallStatus", "no-answer")
		require.Equal(t, []string{"Hangup"}, r.ask(t, path, fields).names())
		require.Len(t, quarantine(t, r), 1)
		require.Empty(t, receipts(t, r))
	})
}

func TestCall_webhooks_repeated_are_one_call(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settle(t, &bucketv1.CallSettings{Agents: agents(), Voicemail: true})
	first := r.ask(t, r.smsPath(), r.callFields("CA-1", "ringing"))
	for range 3 {
		require.Equal(t, first, r.ask(t, r.smsPath(), r.callFields("CA-1", "ringing")), "the same question is answered the same")
	}
	require.Len(t, inbound(t, r), 1)
}

func TestRecording_that_is_not_there_yet_is_asked_for_again(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *webhook.Config) { c.AllowedPrivateHosts = []string{"127.0.0.1"} })
	r.settle(t, &bucketv1.CallSettings{Agents: agents(), Record: true})
	dial := r.ask(t, r.smsPath(), r.callFields("CA-1", "ringing")).child(t, "Dial")
	ready := url.Values{
		"RecordingSid": {"RE-1"}, "CallSid": {"CA-1"}, "AccountSid": {r.sms.Account}, "RecordingStatus": {"completed"},
		"RecordingUrl": {r.apiURL + "/late"},
	}
	there := make(chan struct{})
	r.api.HandleFunc("GET /late.mp3", func(w http.ResponseWriter, _ *http.Request) {
		select {
		case <-there:
			_, _ = io.WriteString(w, "ID3")
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	c := r.signedForm(pathOf(t, dial.attr("recordingStatusCallback")), ready)
	got := r.send(t, c)
	require.Equal(t, http.StatusServiceUnavailable, got.status)
	require.NotEmpty(t, got.header.Get("Retry-After"))
	require.Empty(t, receipts(t, r))
	require.Equal(t, "incomplete", quarantine(t, r)[0].GetReason(), "not every provider comes again")
	close(there)
	require.Equal(t, http.StatusOK, r.send(t, c).status)
	require.NotEmpty(t, receipts(t, r)[0].GetCall().GetRecording().GetBlobKey())

	ready.Set("RecordingSid", "RE-2")
	ready.Set("RecordingUrl", r.apiURL+"/gone")
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(pathOf(t, dial.attr("recordingStatusCallback")), ready)).status)
	require.Equal(t, "unavailable", receipts(t, r)[1].GetCall().GetRecording().GetMissingReason())
}
