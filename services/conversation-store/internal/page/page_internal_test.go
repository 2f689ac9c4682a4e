package page

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
	written := Position{At: time.Date(2026, 3, 4, 5, 6, 7, 891234000, time.UTC), ID: uuid.New()}
	cursor := written.Encode("conversations")

	t.Run("comes back as it was written", func(t *testing.T) {
		t.Parallel()
		read, err := decode("conversations", cursor)
		require.NoError(t, err)
		require.True(t, written.At.Equal(read.At))
		require.Equal(t, written.ID, read.ID)
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
		"of a time out of range": {"conversations", Position{At: time.UnixMicro(1 << 62)}.Encode("conversations")},
	}
	for name, test := range refused {
		t.Run("is refused "+name, func(t *testing.T) {
			t.Parallel()
			_, err := decode(test.scope, test.cursor)
			var refused *bus.AskError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, bus.CodeInvalid, refused.Code)
			require.Equal(t, "cursor", refused.Field)
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(Position{At: time.UnixMicro(1), ID: uuid.Max}.Encode("conversations"))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, cursor string) {
		read, err := decode("conversations", cursor)
		if err == nil {
			require.Equal(t, cursor, read.Encode("conversations"))
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
