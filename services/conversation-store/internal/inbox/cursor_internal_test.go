package inbox

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
)

func TestCursor(t *testing.T) {
	t.Parallel()
	written := position{at: time.Date(2026, 3, 4, 5, 6, 7, 891234000, time.UTC), id: uuid.New()}
	cursor := written.encode("conversations")

	t.Run("comes back as it was written", func(t *testing.T) {
		t.Parallel()
		read, err := decodeCursor("conversations", cursor)
		require.NoError(t, err)
		require.True(t, written.at.Equal(read.at))
		require.Equal(t, written.id, read.id)
	})

	refused := map[string]struct{ scope, cursor string }{
		"of another list":        {"messages:1", cursor},
		"with a changed letter":  {"conversations", flip(cursor, 3)},
		"with a changed end":     {"conversations", flip(cursor, len(cursor)-2)},
		"cut short":              {"conversations", cursor[:len(cursor)-4]},
		"with something behind":  {"conversations", cursor + "AAAA"},
		"in standard base64":     {"conversations", strings.Repeat("+/", 19)},
		"that is words":          {"conversations", "next please"},
		"with a line break":      {"conversations", cursor + "\n"},
		"of a time out of range": {"conversations", position{at: time.UnixMicro(1 << 62)}.encode("conversations")},
	}
	for name, test := range refused {
		t.Run("is refused "+name, func(t *testing.T) {
			t.Parallel()
			_, err := decodeCursor(test.scope, test.cursor)
			var refused *bus.AskError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, bus.CodeInvalid, refused.Code)
			require.Equal(t, "cursor", refused.Field)
		})
	}
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add(position{at: time.UnixMicro(1), id: uuid.Max}.encode("conversations"))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, cursor string) {
		read, err := decodeCursor("conversations", cursor)
		if err == nil {
			require.Equal(t, cursor, read.encode("conversations"))
		}
	})
}

func flip(text string, at int) string {
	letter := "A"
	if text[at:at+1] == letter {
		letter = "B"
	}
	return text[:at] + letter + text[at+1:]
}
