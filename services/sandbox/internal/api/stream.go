package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	heartbeat    = 15 * time.Second
	writeTimeout = 10 * time.Second
)

// stream tells the page what happens, as server-sent events. It ends when the listener is too slow: the page then
// connects and reads everything anew.
func (a *API) stream(w http.ResponseWriter, r *http.Request) {
	events, stop, err := a.world.Subscribe()
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "too_many_listeners", "", "Too many pages are open.")
		return
	}
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	connection := http.NewResponseController(w)
	send := func(text string) bool {
		if err := connection.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return false
		}
		if _, err := fmt.Fprint(w, text); err != nil {
			return false
		}
		return connection.Flush() == nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for alive := send("event: hello\ndata: {}\n\n"); alive; {
		select {
		case event, open := <-events:
			alive = open && send(frame(event))
		case <-beat.C:
			alive = send(": still here\n\n")
		case <-r.Context().Done():
			return
		case <-a.done:
			return
		}
	}
}

func frame(event world.Event) string {
	data := []byte("{}")
	if event.Message.ID != "" {
		data, _ = json.Marshal(itemOf(event.Message)) // strings and times alone: it cannot fail
	}
	return "event: " + event.Kind + "\ndata: " + string(data) + "\n\n"
}
