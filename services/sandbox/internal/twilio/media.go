package twilio

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// mediaID is the id of a file of a message, by its place.
func mediaID(i int) string { return "ME" + strconv.Itoa(i) }

// listMedia tells the files of a message.
func (a *API) listMedia(request provider.Call) provider.Answer {
	text, ok := a.records.Get(request.PathValue("sid"))
	if !ok {
		return fail(codeNotFound)
	}
	found := []any{}
	for i, file := range text.files {
		found = append(found, map[string]any{
			"sid": mediaID(i), "account_sid": a.config.Account, "parent_sid": text.sid, "content_type": file.ContentType,
			"date_created": formatTime(text.created), "uri": a.path("/Messages/" + text.sid + "/Media/" + mediaID(i) + ".json"),
		})
	}
	return provider.JSON(http.StatusOK, map[string]any{"media_list": found, "next_page_uri": nil, "page": 0})
}

// showMedia gives a file of a message, to the account alone.
func (a *API) showMedia(request provider.Call) provider.Answer {
	text, ok := a.records.Get(request.PathValue("sid"))
	at, err := strconv.Atoi(strings.TrimPrefix(request.PathValue("media"), "ME"))
	if !ok || err != nil || at < 0 || at >= len(text.files) {
		return fail(codeNotFound)
	}
	return provider.Answer{Status: http.StatusOK, ContentType: text.files[at].ContentType, Body: text.files[at].Content}
}
