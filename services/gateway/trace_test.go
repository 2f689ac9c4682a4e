package gateway_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

func TestTrace_OfACallerGoesOnWhereWeKeepNoneAndNothingElseOfIts(t *testing.T) {
	t.Parallel()
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for name, given := range map[string]struct{ header, kept http.Header }{
		"a trace":              {http.Header{"Traceparent": {parent}}, http.Header{"Traceparent": {parent}}},
		"none":                 {http.Header{}, http.Header{}},
		"no trace but words":   {http.Header{"Traceparent": {"' OR 1=1"}, "Tracestate": {"a=1"}}, http.Header{}},
		"a trace of zeros":     {http.Header{"Traceparent": {"00-" + strings.Repeat("0", 32) + "-b7ad6b7169203331-01"}}, http.Header{}},
		"a trace that is long": {http.Header{"Traceparent": {parent + strings.Repeat("-01", 1000)}}, http.Header{}},
		"a state that is long": {
			http.Header{"Traceparent": {parent}, "Tracestate": {"a=" + strings.Repeat("x", 1000)}}, http.Header{"Traceparent": {parent}},
		},
		"baggage":         {http.Header{"Baggage": {"user=root"}}, http.Header{}},
		"headers of ours": {http.Header{"Only-For": {"nobody"}, "Nats-Msg-Id": {"theirs"}, "Ce-Source": {"theirs"}}, http.Header{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := setup(t)
			ada := g.join(t)
			r := ada.request(t, http.MethodPost, "/api/communications", map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"})
			maps.Copy(r.Header, given.header)
			response := send(t, r)
			require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
			message, err := g.bus.ReadAt(t.Context(), event.StreamSend, 1)
			require.NoError(t, err)
			for _, header := range []string{"Traceparent", "Tracestate", "Baggage"} {
				require.Equal(t, given.kept.Get(header), message.Header(strings.ToLower(header)), header)
				require.Empty(t, message.Header(header), header)
			}
			require.Empty(t, message.Header(event.HeaderOnlyFor))
			require.Equal(t, event.ServiceGateway, message.Header(event.HeaderSource))
			require.Equal(t, g.sent(t)[0].GetMessageId(), message.Header("Nats-Msg-Id"))
		})
	}
}
