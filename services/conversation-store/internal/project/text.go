package project

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/net/html"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

var errOtherWorkspace = errors.New("payload and subject name different workspaces")

const (
	// maxIndexed is the longest text an index entry can safely hold, in bytes.
	maxIndexed = 512
	// maxReferences is how many Message-IDs of a thread are kept, the nearest ones.
	maxReferences = 50
	// maxSnippet is what a list row shows, in characters.
	maxSnippet = 160
	// maxQuoted is how much of a message a sentence of ours repeats, in characters.
	maxQuoted = 40
	// maxAddresses is how many further recipients of a message are kept, maxAliases how many addresses of a customer.
	maxAddresses = 200
	maxAliases   = 10
	// maxHTMLRead is how much of an HTML body is read for a snippet.
	maxHTMLRead = 64 << 10
)

// address checks that a payload speaks of the workspace its subject names, and of a channel we know.
func address(m *bus.Message, workspaceID, kind string) (workspace.ID, channel.Kind, error) {
	ws, err := workspace.ParseID(workspaceID)
	if err != nil {
		return ws, "", bus.Permanent(err)
	}
	if ws != m.Workspace() {
		return ws, "", bus.Permanent(fmt.Errorf("%w: %s, %s", errOtherWorkspace, ws, m.Workspace()))
	}
	known, err := channel.ParseKind(kind)
	if err != nil {
		return ws, "", bus.Permanent(err)
	}
	return ws, known, nil
}

func parseIDs(texts ...string) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, 0, len(texts))
	for _, text := range texts {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, bus.Permanent(fmt.Errorf("reading id %q: %w", text, err))
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// parsed is for an id we derived ourselves.
func parsed(derived string) uuid.UUID { return uuid.MustParse(derived) }

func rankOf(status channel.Status) int32 {
	rank, _ := status.Rank()
	return int32(rank) //nolint:gosec // a rank is below 101
}

// modeOf says whose credentials a message goes out with: the platform's unless the workspace brings its own.
func modeOf(mode string) string {
	if mode == "byoc" {
		return mode
	}
	return "platform"
}

// clean takes out what a text column cannot hold: the zero byte and what is not UTF-8.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// indexable shortens what is too long for an index, keeping it distinct.
func indexable(text string) string {
	if len(text) <= maxIndexed {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	kept := strings.ToValidUTF8(text[:maxIndexed-len(sum)*2-1], "")
	return kept + "~" + hex.EncodeToString(sum[:])
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// reference is a Message-ID as we compare it: one word, without angle brackets.
func reference(text string) string {
	word := strings.Join(strings.Fields(clean(text)), "")
	return indexable(strings.TrimSuffix(strings.TrimPrefix(word, "<"), ">"))
}

func references(texts []string) []string {
	kept := make([]string, 0, len(texts))
	for _, text := range texts {
		if id := reference(text); id != "" {
			kept = append(kept, id)
		}
	}
	return kept[max(0, len(kept)-maxReferences):]
}

// addresses are normalised addresses as we compare them, each once.
func addresses(texts []string) []string {
	return distinct(texts, maxAddresses, "")
}

// aliasesOf are the further addresses of a customer.
func aliasesOf(from string, texts []string) []string { return distinct(texts, maxAliases, from) }

func distinct(texts []string, limit int, but string) []string {
	kept := make([]string, 0, min(len(texts), limit))
	for _, text := range texts {
		address := indexable(clean(text))
		if address == "" || address == but || slices.Contains(kept, address) {
			continue
		}
		if kept = append(kept, address); len(kept) == limit {
			break
		}
	}
	return kept
}

// addressOf is an address as everybody compares it; what is no ordinary address of the channel stays as it came.
func addressOf(kind channel.Kind, text string) string {
	if address, err := channel.NormalizeAddress(kind, text); err == nil {
		return address
	}
	return indexable(clean(text))
}

// encoded is a value as a jsonb column takes it. Ours hold texts, numbers and times of four-digit years, which always
// can be written.
func encoded(value any) *string {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return new(string(text))
}

// optionalTime is at as the database holds it; nil when it is missing or no time of ours.
func optionalTime(at *timestamppb.Timestamp) *time.Time {
	if known := timeOr(at, time.Time{}); !known.IsZero() {
		return &known
	}
	return nil
}

// timeOr is at as the database holds it, or otherwise when at is missing or no time of ours.
func timeOr(at *timestamppb.Timestamp, otherwise time.Time) time.Time {
	if at.IsValid() && at.AsTime().Year() >= 1970 && at.AsTime().Year() <= 9999 {
		return at.AsTime().Truncate(time.Microsecond)
	}
	return otherwise.UTC().Truncate(time.Microsecond)
}

// snippetOf is the line a list shows of a message.
func snippetOf(m *message) string {
	if m.kind == channel.Call {
		return callSnippet(m.direction, record.Call{})
	}
	for _, text := range []string{m.replyBody, m.body, textOfHTML(m.html), m.subject} {
		if words := line(text); words != "" {
			return cut(words, maxSnippet)
		}
	}
	if len(m.attachments) > 0 {
		return cut(clean(m.attachments[0].GetFilename()), maxSnippet)
	}
	return ""
}

// line is a text on one line.
func line(text string) string { return strings.Join(strings.Fields(text), " ") }

// replyBodyOf is what a person wrote without what they quote; empty when they quote nothing. told is what the provider
// says of it.
func replyBodyOf(m *message, told string) string {
	if told != "" || m.kind != channel.Email {
		return told
	}
	reply, quoted := email.SplitQuote(m.body)
	if quoted == "" {
		return ""
	}
	return reply
}

func cut(line string, limit int) string {
	if utf8.RuneCountInString(line) <= limit {
		return line
	}
	runes := []rune(line)
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}

func textOfHTML(source string) string {
	if source == "" {
		return ""
	}
	source = source[:min(len(source), maxHTMLRead)]
	var text strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(source))
	silent := 0
	for {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			return strings.ToValidUTF8(text.String(), "")
		case html.StartTagToken, html.EndTagToken:
			silent += depthOf(tokens, kind)
			text.WriteByte(' ')
		case html.TextToken:
			if silent <= 0 {
				text.Write(tokens.Text())
			}
		case html.SelfClosingTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
}

// depthOf counts into and out of the elements whose text nobody sees.
func depthOf(tokens *html.Tokenizer, kind html.TokenType) int {
	name, _ := tokens.TagName()
	switch string(name) {
	case "style", "script", "head", "title":
		if kind == html.StartTagToken {
			return 1
		}
		return -1
	default:
		return 0
	}
}
