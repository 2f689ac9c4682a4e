package hook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// rawOf is the request as it arrived. Its body is exact to the byte. Header names are in alphabetical order: the
// order on the wire is not told to us.
func rawOf(webhook channel.Webhook) *eventv1.RawPayload {
	raw := &eventv1.RawPayload{
		Method: webhook.Method, Url: escapeInvalid(webhook.URL), Body: webhook.Body,
		ReceivedAt: timestamppb.New(webhook.ReceivedAt),
	}
	for _, name := range slices.Sorted(maps.Keys(webhook.Header)) {
		for _, value := range webhook.Header[name] {
			raw.Headers = append(raw.Headers, name+": "+strings.ToValidUTF8(value, "\uFFFD"))
		}
	}
	return raw
}

// escapeInvalid writes the bytes of a URL that are no UTF-8 in their percent form, which means the same.
func escapeInvalid(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r != '\uFFFD' || strings.HasPrefix(text[i:], "\uFFFD"):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "%%%02X", text[i])
		}
	}
	return b.String()
}

// clean makes a text fit for an event and a database: valid UTF-8 without NUL.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

func cleanAll(texts []string) []string {
	cleaned := make([]string, len(texts))
	for i, text := range texts {
		cleaned[i] = clean(text)
	}
	return cleaned
}
