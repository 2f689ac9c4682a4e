package twilio

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callapi"
)

// callsPerSecond is the rate of an account; calls above it wait.
const callsPerSecond = 1

// line is the account in the phone network.
func (a *API) line(publicURL func() string) call.Line {
	return call.Line{
		Name: Name, Account: a.config.Account, IncomingURL: a.config.Webhook.URL, Waits: a.config.Waits,
		CallsPerSecond: callsPerSecond, TrimsSilence: true, NewID: newCallSID, Request: a.signedRequest,
		RecordingURL: func(id string) string { return publicURL() + "/" + Name + a.path("/Recordings/"+id) },
		Finish:       finishCall,
	}
}

func newCallSID(kind call.Kind) string {
	digits := strings.ReplaceAll(uuid.NewString(), "-", "")
	switch kind {
	case call.RecordingID:
		return "RE" + digits
	case call.TranscriptionID:
		return "TR" + digits
	case call.CallID:
	}
	return "CA" + digits
}

// finishCall adds what only this provider tells.
func finishCall(webhook call.Webhook, form url.Values) {
	if form.Get("DialCallStatus") != "" {
		form.Set("DialBridged", strconv.FormatBool(form.Get("DialCallStatus") == string(call.Completed)))
	}
	switch webhook {
	case call.AskWebhook, call.TranscriptionWebhook:
		form.Set("Caller", form.Get("From"))
		form.Set("Called", form.Get("To"))
		for _, side := range []string{"From", "To", "Caller", "Called"} {
			for _, part := range []string{"City", "State", "Zip", "Country"} {
				form.Set(side+part, "") // known for few numbers, sent for all
			}
		}
	case call.RecordingWebhook:
		form.Set("RecordingTrack", "both")
		form.Set("ErrorCode", "0")
	case call.StatusWebhook:
	}
}

func (a *API) serveCalls(mux *http.ServeMux) {
	calls := a.calls()
	mux.Handle("POST "+accountPath+"/Calls.json", a.server.Send(a.authenticated(calls.Place)))
	mux.Handle("GET "+accountPath+"/Calls.json", a.server.Lookup(a.authenticated(calls.List)))
	mux.Handle("GET "+accountPath+"/Calls/{sid}", a.server.Lookup(a.authenticated(calls.Show)))
	mux.Handle("POST "+accountPath+"/Calls/{sid}", a.server.Lookup(a.authenticated(calls.Update)))
	mux.Handle("GET "+accountPath+"/Calls/{sid}/Recordings.json", a.server.Lookup(a.authenticated(calls.ListRecordings)))
	mux.Handle("GET "+accountPath+"/Recordings.json", a.server.Lookup(a.authenticated(calls.ListRecordings)))
	mux.Handle("GET "+accountPath+"/Recordings/{sid}", a.server.Lookup(a.authenticated(calls.ShowRecording)))
	mux.Handle("GET "+accountPath+"/Transcriptions/{sid}", a.server.Lookup(a.authenticated(calls.ShowTranscription)))
}

// calls answers as this provider does: numbers are texts.
func (a *API) calls() *callapi.API {
	return callapi.New(callapi.Config{
		Name: Name, Account: a.config.Account, Phones: a.phones, Placed: http.StatusCreated, Ending: ".json", Path: a.path, Fail: fail,
		Number: func(n int) any { return strconv.Itoa(n) },
		Finish: func(kind call.Kind, told map[string]any) {
			switch kind {
			case call.CallID:
				told["queue_time"] = "0"
			case call.TranscriptionID:
				told["type"] = "fast"
			case call.RecordingID:
			}
		},
	})
}
