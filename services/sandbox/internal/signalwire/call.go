package signalwire

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callapi"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// callsPerSecond is the rate of an account; calls above it wait.
const callsPerSecond = 1

// line is the account in the phone network.
func (a *API) line(publicURL func() string) call.Line {
	return call.Line{
		Name: Name, Account: a.config.Project, IncomingURL: a.config.Webhook.URL, Waits: a.config.Waits,
		CallsPerSecond: callsPerSecond, TrimsSilence: true, NewID: func(call.Kind) string { return uuid.NewString() }, Request: a.signedRequest,
		RecordingURL: func(id string) string { return publicURL() + "/" + Name + a.path("/Recordings/"+id) },
		Finish:       finishCall,
	}
}

// finishCall takes out what this provider does not tell: the transcript names its recording and no call.
func finishCall(webhook call.Webhook, form url.Values) {
	if code := form.Get("SipResponseCode"); code != "" {
		form.Del("SipResponseCode")
		form.Set("SipResultCode", code)
	}
	if webhook != call.TranscriptionWebhook {
		return
	}
	for _, name := range []string{"CallSid", "CallStatus", "Direction", "From", "To", "AccountSid", "ApiVersion", "TranscriptionType"} {
		form.Del(name)
	}
}

// serveCalls serves calls below a base. The files of recordings are public.
func (a *API) serveCalls(mux *http.ServeMux, base string) {
	calls := a.calls()
	for _, suffix := range []string{"", ".json"} {
		mux.Handle("POST "+base+"/Calls"+suffix, a.server.Send(a.authenticated(calls.Place)))
		mux.Handle("GET "+base+"/Calls"+suffix, a.server.Lookup(a.authenticated(calls.List)))
		mux.Handle("GET "+base+"/Calls/{sid}/Recordings"+suffix, a.server.Lookup(a.authenticated(calls.ListRecordings)))
		mux.Handle("GET "+base+"/Recordings"+suffix, a.server.Lookup(a.authenticated(calls.ListRecordings)))
	}
	mux.Handle("GET "+base+"/Calls/{sid}", a.server.Lookup(a.authenticated(calls.Show)))
	mux.Handle("POST "+base+"/Calls/{sid}", a.server.Lookup(a.authenticated(calls.Update)))
	mux.Handle("GET "+base+"/Transcriptions/{sid}", a.server.Lookup(a.authenticated(calls.ShowTranscription)))
	file, known := calls.ShowRecording, a.authenticated(calls.ShowRecording)
	mux.Handle("GET "+base+"/Recordings/{sid}", a.server.Lookup(func(request provider.Call) provider.Answer {
		if strings.HasSuffix(request.PathValue("sid"), ".json") {
			return known(request)
		}
		return file(request)
	}))
}

// calls answers as this provider does: numbers are numbers.
func (a *API) calls() *callapi.API {
	return callapi.New(callapi.Config{
		Name: Name, Account: a.config.Project, Phones: a.phones, Placed: http.StatusOK, Path: a.path, Fail: fail,
		Number: func(n int) any { return n },
		Finish: func(kind call.Kind, told map[string]any) {
			if kind != call.CallID {
				return
			}
			told["price"] = 0.0
			if told["duration"] == nil {
				told["duration"] = 0
			}
		},
	})
}
