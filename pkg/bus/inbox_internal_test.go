package bus

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

func TestAckOf_reads_every_form_of_an_answer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Ack{
		`{"stream":"SEND","seq":12}`:                              {Stream: "SEND", Sequence: 12},
		`{"stream":"SEND", "seq":12}`:                             {Stream: "SEND", Sequence: 12},
		`{"stream":"SEND","seq":12,"duplicate": true}`:            {Stream: "SEND", Sequence: 12, Duplicate: true},
		`{"stream":"SEND","domain":"hub","seq":12}`:               {Stream: "SEND", Sequence: 12},
		`{"stream":"S\u0045ND","seq":12}`:                         {Stream: "SEND", Sequence: 12},
		`{"type":"x","stream":"SEND","seq":18446744073709551615}`: {Stream: "SEND", Sequence: 18446744073709551615},
	} {
		got, err := ackOf([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{``, `{}`, `{"stream":"","seq":1}`, `{"stream":"SEND","seq":-1}`, `{"stream":"SEND","seq":1`} {
		_, err := ackOf([]byte(text))
		require.ErrorIs(t, err, jetstream.ErrInvalidJSAck, text)
	}
	_, err := ackOf([]byte(`{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"}}`))
	require.ErrorIs(t, publishError(err), ErrStreamFull)
}
