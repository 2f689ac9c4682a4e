package webhook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

func TestTrace_of_a_stranger_does_not_get_into_the_streams(t *testing.T) {
	t.Parallel()
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	r := newRig(t)                       // which keeps no traces
	genuine := r.text(t, "SM-1", "STOP") // it is answered as well
	forged := r.smsCall(r.smsPath(), []byte(r.message("SM-2").Encode()), "forged")
	for _, c := range []call{genuine, forged} {
		c.header.Set("Traceparent", parent)
		c.header.Set("Tracestate", "stranger=1")
		c.header.Set("Baggage", "stranger=1")
		r.send(t, c)
	}
	for _, stream := range []string{event.StreamInbound, event.StreamSend, event.StreamQuarantine} {
		message, err := r.bus.ReadAt(t.Context(), stream, 1)
		require.NoError(t, err, stream)
		for _, name := range []string{"Traceparent", "traceparent", "Tracestate", "tracestate", "Baggage", "baggage"} {
			require.Empty(t, message.Header(name), "%s in %s", name, stream)
		}
	}
	require.Contains(t, inbound(t, r)[0].GetRaw().GetHeaders(), "Traceparent: "+parent, "the request is kept as it came")
}
