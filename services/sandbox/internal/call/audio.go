package call

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
)

// A recording has the sound of a tone for each word and silence between them: a file that plays, of the right length,
// in which one can hear whether anything was said.
const (
	wavRate = 8_000
	// maxSeconds bounds the length of the files that are made.
	maxSeconds = 300
	// mp3Rate is the sampling rate of the MP3, of which every frame has so many samples and bytes.
	mp3Rate, mp3Samples, mp3Frame = 16_000, 576, 144
	amplitude                     = 9_000
	pitch                         = 440
)

// sounds tells for each slot of a recording whether there is a tone: a word is as long as it has letters.
func (r Recording) sounds(slots int) []bool {
	sound := make([]bool, slots)
	text := []rune(strings.Join(strings.Fields(r.Transcript), " "))
	if len(text) == 0 {
		return sound
	}
	perSlot := float64(r.Duration) * charactersPerSecond / float64(slots)
	for i := range sound {
		at := int(float64(i) * perSlot)
		sound[i] = at < len(text) && text[at] != ' '
	}
	return sound
}

// WAV is the recording as a WAV file: 16 bits, one channel.
func (r Recording) WAV() []byte {
	samples := min(r.Duration, maxSeconds) * wavRate
	var file bytes.Buffer
	header := struct {
		RIFF                  [4]byte
		Size                  uint32
		WAVE, Format          [4]byte
		FormatSize            uint32
		PCM, Channels         uint16
		Rate, BytesPerSecond  uint32
		BytesPerSample, Depth uint16
		Data                  [4]byte
		DataSize              uint32
	}{
		[4]byte{'R', 'I', 'F', 'F'}, uint32(36 + 2*samples), [4]byte{'W', 'A', 'V', 'E'}, [4]byte{'f', 'm', 't', ' '}, //nolint:gosec // bounded by maxSeconds
		16, 1, 1, wavRate, 2 * wavRate, 2, 16, [4]byte{'d', 'a', 't', 'a'}, uint32(2 * samples), //nolint:gosec // bounded by maxSeconds
	}
	_ = binary.Write(&file, binary.LittleEndian, header) // a buffer does not fail
	sound := r.sounds(max(samples, 1))
	sample := make([]byte, 2)
	for i := range samples {
		value := 0.0
		if sound[i] {
			value = amplitude * math.Sin(2*math.Pi*pitch*float64(i)/wavRate)
		}
		binary.LittleEndian.PutUint16(sample, uint16(int16(value))) //nolint:gosec // two's complement is what is meant
		_, _ = file.Write(sample)                                   // a buffer does not fail
	}
	return file.Bytes()
}

// MP3 is the recording as an MP3 file (MPEG-2 layer III, one channel, 32 kbit/s).
func (r Recording) MP3() []byte {
	frames := min(r.Duration, maxSeconds) * mp3Rate / mp3Samples
	file := make([]byte, 0, frames*mp3Frame)
	for i, sound := range r.sounds(max(frames, 1))[:frames] {
		file = append(file, mp3Tone(sound, i)...)
	}
	return file
}

// mp3Tone is one frame. It holds a single line of the spectrum, near the pitch, or none.
func mp3Tone(sound bool, frame int) []byte {
	const (
		line   = 31         // (31+0.5) * 16000/2/576 Hz
		pairs  = line/2 + 1 // the lines are coded in pairs, this one is the second of the last pair
		bits   = pairs - 1 + 4
		volume = 204 // 2^((204-210)/4) of the full scale
	)
	w := &bitWriter{}
	w.write(0b1111_1111_1111, 12) // synchronisation
	w.write(0b0011, 4)            // MPEG-2, layer III, no checksum
	w.write(0b0100, 4)            // 32 kbit/s
	w.write(0b1000, 4)            // 16 kHz, no padding
	w.write(0b1100_0000, 8)       // one channel
	w.write(0, 9)                 // the data begins here; a private bit
	if sound {
		w.write(bits, 12)
		w.write(pairs, 9)
		w.write(volume, 8)
		w.write(0, 9)         // no scale factors
		w.write(0, 1)         // long blocks
		w.write(0b00001, 5)   // table 1 in all three regions
		w.write(0b00001, 5)   //
		w.write(0b00001, 5)   //
		w.write(0, 4+3+1+1)   // regions as short as they come
		for range pairs - 1 { // table 1: (0,0) is 1, (0,1) is 001
			w.write(1, 1)
		}
		w.write(0b001, 3)
		w.write(uint64(frame>>1)&1, 1) //nolint:gosec // the sign, which turns every other frame
	}
	return w.padded(mp3Frame)
}

// bitWriter writes the highest bit first.
type bitWriter struct {
	out  []byte
	used int
}

func (w *bitWriter) write(value uint64, bits int) {
	for i := bits - 1; i >= 0; i-- {
		if w.used%8 == 0 {
			w.out = append(w.out, 0)
		}
		w.out[w.used/8] |= byte(value>>i&1) << (7 - w.used%8)
		w.used++
	}
}

func (w *bitWriter) padded(size int) []byte { return append(w.out, make([]byte, size-len(w.out))...) }
