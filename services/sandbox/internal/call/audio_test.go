package call_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
)

func TestARecordingIsAFileOfItsLength(t *testing.T) {
	t.Parallel()
	for name, recording := range map[string]call.Recording{
		"words":   {Duration: 4, Transcript: "Hi, this is Ana. Please call me back."},
		"silence": {Duration: 2},
		"nothing": {},
		"endless": {Duration: 1 << 40, Transcript: "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seconds := min(recording.Duration, 300)
			wav := recording.WAV()
			require.Equal(t, "RIFF", string(wav[:4]))
			require.Equal(t, "WAVEfmt ", string(wav[8:16]))
			require.Equal(t, len(wav)-8, int(binary.LittleEndian.Uint32(wav[4:])))
			require.Equal(t, seconds*16_000, int(binary.LittleEndian.Uint32(wav[40:])))
			require.Len(t, wav, 44+seconds*16_000)

			mp3 := recording.MP3()
			frames := seconds * 16_000 / 576
			require.Len(t, mp3, frames*144)
			for i := range frames {
				require.Equal(t, []byte{0xff, 0xf3, 0x48, 0xc0}, mp3[i*144:i*144+4], "every frame has its head")
			}
		})
	}
}

func TestWordsAreHeard(t *testing.T) {
	t.Parallel()
	loud := func(recording call.Recording) bool {
		for _, b := range recording.WAV()[44:] {
			if b != 0 {
				return true
			}
		}
		return false
	}
	require.True(t, loud(call.Recording{Duration: 2, Transcript: "hello"}))
	require.False(t, loud(call.Recording{Duration: 2}))
}
