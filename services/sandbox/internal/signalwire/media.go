package signalwire

import (
	"net/http"
	"strconv"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// listMedia tells the files of a text.
func (a *API) listMedia(request provider.Call) provider.Answer {
	text, ok := a.records.Get(request.PathValue("sid"))
	if !ok {
		return fail(codeNotFound)
	}
	found := []any{}
	for i, file := range text.files {
		found = append(found, map[string]any{
			"sid": strconv.Itoa(i), "account_sid": a.config.Project, "parent_sid": text.sid, "content_type": file.ContentType,
			"date_created": formatTime(text.created), "uri": a.path("/Messages/" + text.sid + "/Media/" + strconv.Itoa(i)),
		})
	}
	return provider.JSON(http.StatusOK, map[string]any{"media_list": found, "next_page_uri": nil, "page": 0})
}

// showMedia gives a file to whoever knows its address, which nobody guesses.
func (a *API) showMedia(request provider.Call) provider.Answer {
	text, ok := a.records.Get(request.PathValue("sid"))
	at, err := strconv.Atoi(request.PathValue("media"))
	if !ok || err != nil || at < 0 || at >= len(text.files) {
		return fail(codeNotFound)
	}
	return provider.Answer{Status: http.StatusOK, ContentType: text.files[at].ContentType, Body: text.files[at].Content}
}
