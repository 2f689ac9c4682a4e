package callapi

import (
	"net/http"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// ListRecordings lists the recordings, of one call or of all.
func (a *API) ListRecordings(request provider.Call) provider.Answer {
	of, query := request.PathValue("sid"), request.URL.Query()
	if of == "" {
		of = query.Get("CallSid")
	}
	size, page := pageOf(query)
	found := a.config.Phones.Recordings((page+1)*size+1, func(r call.Recording) bool {
		return r.Provider == a.config.Name && (of == "" || of == r.CallID)
	})
	return listed(a, request, "Recordings", found, a.recording)
}

// ShowRecording gives the file, or with the ending .json what is known of it.
func (a *API) ShowRecording(request provider.Call) provider.Answer {
	id, ending, _ := strings.Cut(request.PathValue("sid"), ".")
	found, ok := a.config.Phones.FindRecording(id)
	if !ok || found.Provider != a.config.Name {
		return a.config.Fail(codeNotFound)
	}
	switch {
	case ending == "json":
		return provider.JSON(http.StatusOK, a.recording(found))
	case found.Status != "completed":
		return a.config.Fail(codeNotFound)
	case ending == "mp3":
		return provider.Answer{Status: http.StatusOK, ContentType: "audio/mpeg", Body: found.MP3()}
	case ending == "wav" || ending == "":
		return provider.Answer{Status: http.StatusOK, ContentType: "audio/x-wav", Body: found.WAV()}
	default:
		return a.config.Fail(codeNotFound)
	}
}

func (a *API) recording(r call.Recording) map[string]any {
	path := a.config.Path("/Recordings/" + r.ID)
	told := map[string]any{
		"sid": r.ID, "account_sid": a.config.Account, "api_version": version, "call_sid": r.CallID, "status": r.Status,
		"source": r.Source, "channels": 1, "duration": a.config.Number(r.Duration), "price": nil, "price_unit": "USD",
		"date_created": formatTime(r.Created), "date_updated": formatTime(r.Created), "start_time": formatTime(r.Created),
		"error_code": nil, "uri": path + a.config.Ending, "media_url": path,
	}
	a.config.Finish(call.RecordingID, told)
	return told
}

// ShowTranscription tells the transcript of a recording.
func (a *API) ShowTranscription(request provider.Call) provider.Answer {
	id := strings.TrimSuffix(request.PathValue("sid"), ".json")
	found := a.config.Phones.Recordings(1, func(r call.Recording) bool {
		return r.Provider == a.config.Name && r.TranscriptionID == id && id != ""
	})
	if len(found) == 0 {
		return a.config.Fail(codeNotFound)
	}
	status := "completed"
	if found[0].Transcript == "" {
		status = "failed"
	}
	told := map[string]any{
		"sid": id, "account_sid": a.config.Account, "api_version": version, "recording_sid": found[0].ID, "status": status,
		"transcription_text": found[0].Transcript, "duration": a.config.Number(found[0].Duration),
		"date_created": formatTime(found[0].Created), "uri": a.config.Path("/Transcriptions/" + id + a.config.Ending),
	}
	a.config.Finish(call.TranscriptionID, told)
	return provider.JSON(http.StatusOK, told)
}
