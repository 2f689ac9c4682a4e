package api

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

const realtimeText = `WebSocket. The first frame is ` + "`{\"type\":\"hello\",\"seq\":N}`" + `; then one frame for every committed change of
the workspace, in order: ` + "`{\"type\":\"change\",\"seq\":N,\"entity\":\"message\",\"verb\":\"received\",\"id\":\"…\",\"message\":{…}}`" + ` or,
for the entity conversation, with ` + "`\"conversation\":{…}`" + `, in the shapes of this document.

Keep the last ` + "`seq`" + ` and reconnect with ` + "`?after=`" + ` it: nothing is missed or repeated. When it is older than what is kept, the
frame ` + "`{\"type\":\"reload\"}`" + ` follows hello: read the lists again and go on from the ` + "`seq`" + ` of hello. Without ` + "`after`" + ` the
stream begins now: open it first, then read the lists.

Close codes: 1001 the server is stopping, 1013 try again later, 4001 the session has ended, 4002 too slow, 4003 too many
connections. After all but 4001 reconnect with ` + "`after`" + `, waiting longer each time. The server pings; nothing is to be sent.`

// Change is the frame of one committed change.
type Change struct {
	Type         string        `json:"type" enum:"change"`
	Seq          uint64        `json:"seq" doc:"Where to go on from: the after of the next connection."`
	Entity       string        `json:"entity" enum:"conversation,message"`
	Verb         string        `json:"verb" doc:"What happened, in the past tense."`
	ID           string        `json:"id" format:"uuid"`
	Conversation *Conversation `json:"conversation,omitempty"`
	Message      *Message      `json:"message,omitempty"`
}

// registerRealtime serves and documents the WebSocket.
func (a *API) registerRealtime() {
	a.mux.HandleFunc("GET /api/realtime", a.openRealtime)
	schemas := a.huma.OpenAPI().Components.Schemas
	schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	operation := protected("open-realtime", http.MethodGet, "/api/realtime", tagRealtime, "Follow changes (WebSocket)")
	operation.Description = realtimeText
	operation.Parameters = []*huma.Param{{
		Name: "after", In: "query", Description: "The last seq the client has seen.",
		Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: new(float64)},
	}}
	operation.Responses["101"] = &huma.Response{
		Description: "WebSocket frames of changes. hello and reload carry type and seq alone.",
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: schemas.Schema(reflect.TypeFor[Change](), true, "Change")},
		},
	}
	a.huma.OpenAPI().AddOperation(&operation)
}

func (a *API) openRealtime(w http.ResponseWriter, r *http.Request) {
	principal, ok := a.admit(w, r)
	if !ok {
		return
	}
	if !isHandshake(r) {
		problem := NewProblem(http.StatusUpgradeRequired, CodeUpgradeRequired, "This is a WebSocket: send the handshake of RFC 6455, version 13.")
		WriteProblem(w, problem.withHeader("Upgrade", "websocket").withHeader("Sec-WebSocket-Version", "13"))
		return
	}
	if !a.sameOrigin(r) {
		WriteProblem(w, NewProblem(http.StatusForbidden, CodeCrossOrigin, "The request comes from another site."))
		return
	}
	var after *uint64
	if text := r.URL.Query().Get("after"); text != "" {
		sequence, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			WriteProblem(w, NewProblem(http.StatusUnprocessableEntity, CodeInvalidRequest, "after: is not a sequence").
				at("query.after", "is not a sequence"))
			return
		}
		after = &sequence
	}
	a.deps.Realtime.Serve(w, r, principal, after)
}

// isHandshake tells whether a request opens a WebSocket (RFC 6455 section 4.2.1). What it lets through is not refused
// behind it, where a refusal is plain text.
func isHandshake(r *http.Request) bool {
	has := func(name, wanted string) bool {
		return slices.ContainsFunc(strings.Split(strings.Join(r.Header.Values(name), ","), ","), func(token string) bool {
			return strings.EqualFold(strings.TrimSpace(token), wanted)
		})
	}
	keys := r.Header.Values("Sec-WebSocket-Key")
	if len(keys) != 1 {
		return false
	}
	nonce, err := base64.StdEncoding.DecodeString(strings.TrimSpace(keys[0]))
	return err == nil && len(nonce) == 16 && r.Method == http.MethodGet && r.ProtoAtLeast(1, 1) &&
		has("Connection", "upgrade") && has("Upgrade", "websocket") && r.Header.Get("Sec-WebSocket-Version") == "13"
}

// sameOrigin tells whether a browser's page is ours; a program sends no Origin.
func (a *API) sameOrigin(r *http.Request) bool {
	header := r.Header.Get("Origin")
	if header == "" {
		return true
	}
	origin, err := url.Parse(header)
	return err == nil && (strings.EqualFold(origin.Host, r.Host) || strings.EqualFold(origin.Host, a.deps.PublicURL.Host))
}
