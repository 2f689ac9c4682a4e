package api

import (
	"net/http"
	"strconv"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/journal"
)

// page shows what happened past a sequence. A first that is past after+1 tells that something in between is forgotten.
func (a *API) page(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.ParseUint(r.URL.Query().Get("after"), 10, 64)
	if r.URL.Query().Get("after") == "" {
		after, err = 0, nil
	}
	if err != nil {
		invalid(w, "after", "is no sequence of the journal")
		return
	}
	limit, ok := limitOf(w, r, defaultLimit)
	if !ok {
		return
	}
	entries, first, last := a.journal.Page(after, limit)
	answer(w, http.StatusOK, struct {
		Items []journal.Entry `json:"items"`
		First uint64          `json:"first"`
		Last  uint64          `json:"last"`
		// Waiting counts the callbacks that are yet to be posted.
		Waiting int `json:"waiting"`
	}{entries, first, last, a.callbacks.Waiting()})
}

// hurry makes the callbacks that wait, for their first attempt or for the next one, due at once.
func (a *API) hurry(w http.ResponseWriter, _ *http.Request) {
	a.callbacks.Hurry()
	w.WriteHeader(http.StatusNoContent)
}
