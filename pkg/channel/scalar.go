package channel

import (
	"encoding/json"
	"strings"
)

// Scalar is a JSON string, number or null as text: providers write ids, times and codes as either.
type Scalar string

// UnmarshalJSON implements json.Unmarshaler. It refuses nothing.
func (s *Scalar) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*s = Scalar(text)
		return nil
	}
	*s = Scalar(strings.Trim(string(raw), `"`))
	return nil
}

// Readable reads JSON of a provider where nothing hangs on it, and tells whether it could.
func Readable(raw []byte, into any) bool { return json.Unmarshal(raw, into) == nil }
