package signalwire

import (
	"net/http"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

func (a *API) listRecordings(request provider.Call) provider.Answer {
	of := request.PathValue("sid")
	query := request.URL.Query()
	if of == "" {
		of = query.Get("CallSid")
	}
	size, page := pageOf(query)
	found := a.phones.Recordings((page+1)*size+1, func(r call.Recording) bool {
		return r.Provider == Name && (of == "" || of == r.CallID)
	})
	recordings := []map[string]any{}
	for _, one := range found[min(page*size, len(found)):min((page+1)*size, len(found))] {
		recordings = append(recordings, a.recordingResource(one))
	}
	return a.listed(request, "/Recordings", "recordings", recordings, len(found) > (page+1)*size)
}

// showRecording gives the file to anybody, or with the ending .json what is known of it to the project.
func (a *API) showRecording(request provider.Call) provider.Answer {
	id, ending, _ := strings.Cut(request.PathValue("sid"), ".")
	found, ok := a.phones.FindRecording(id)
	if !ok || found.Provider != Name {
		return fail(codeNotFound)
	}
	switch {
	case ending == "json":
		return a.authenticated(func(provider.Call) provider.Answer {
			return provider.JSON(http.StatusOK, a.recordingResource(found))
		})(request)
	case found.Status != "completed":
		return fail(codeNotFound)
	case ending == "mp3":
		return provider.Answer{Status: http.StatusOK, ContentType: "audio/mpeg", Body: found.MP3()}
	case ending == "wav" || ending == "":
		return provider.Answer{Status: http.StatusOK, ContentType: "audio/x-wav", Body: found.WAV()}
	default:
		return fail(codeNotFound)
	}
}

func (a *API) recordingResource(r call.Recording) map[string]any {
	path := a.path("/Recordings/" + r.ID)
	return map[string]any{
		"sid": r.ID, "account_sid": a.config.Project, "api_version": "2010-04-01", "call_sid": r.CallID, "status": r.Status,
		"source": r.Source, "channels": 1, "duration": r.Duration, "price": nil, "price_unit": "USD",
		"date_created": formatTime(r.Created), "date_updated": formatTime(r.Created), "start_time": formatTime(r.Created),
		"error_code": nil, "uri": path, "media_url": path,
	}
}

func (a *API) showTranscription(request provider.Call) provider.Answer {
	id := strings.TrimSuffix(request.PathValue("sid"), ".json")
	found := a.phones.Recordings(1, func(r call.Recording) bool { return r.Provider == Name && r.TranscriptionID == id && id != "" })
	if len(found) == 0 {
		return fail(codeNotFound)
	}
	status := "completed"
	if found[0].Transcript == "" {
		status = "failed"
	}
	return provider.JSON(http.StatusOK, map[string]any{
		"sid": id, "account_sid": a.config.Project, "api_version": "2010-04-01", "recording_sid": found[0].ID, "status": status,
		"transcription_text": found[0].Transcript, "duration": found[0].Duration,
		"date_created": formatTime(found[0].Created), "uri": a.path("/Transcriptions/" + id),
	})
}
