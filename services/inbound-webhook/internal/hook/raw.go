package hook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// rawOf is the request as it arrived. Its body is exact to the byte. Header names are in alphabetical order: the
// order on the wire is not told to us. A password that some providers prove themselves with is left out.
func rawOf(webhook channel.Webhook) *eventv1.RawPayload {
	raw := &eventv1.RawPayload{
		Method: webhook.Method, Url: escapeInvalid(webhook.URL), Body: webhook.Body,
		ReceivedAt: timestamppb.New(webhook.ReceivedAt),
	}
	names := slices.AppendSeq(make([]string, 0, len(webhook.Header)), maps.Keys(webhook.Header))
	slices.Sort(names)
	raw.Headers = make([]string, 0, len(names))
	for _, name := range names {
		for _, value := range webhook.Header[name] {
			if name == "Authorization" {
				value = "***"
			}
			raw.Headers = append(raw.Headers, name+": "+strings.ToValidUTF8(value, "\uFFFD"))
		}
	}
	return raw
}

// maxRawBody is the largest body that an event carries; a larger one is in the blob store before the event is published.
const maxRawBody = 1 << 20

// raw is the request as it arrived, its body in the blob store when it is large. folder is the workspace whose it is.
func (h *Handler) raw(ctx context.Context, folder string, webhook channel.Webhook) (*eventv1.RawPayload, error) {
	raw := rawOf(webhook)
	if len(webhook.Body) <= maxRawBody {
		return raw, nil
	}
	sum := sha256.Sum256(webhook.Body)
	raw.BodyBlobKey, raw.Body = folder+"/raw/"+hex.EncodeToString(sum[:]), nil
	if err := h.media.Put(ctx, raw.GetBodyBlobKey(), "application/octet-stream", webhook.Body); err != nil {
		return nil, fmt.Errorf("keeping a large body: %w", err)
	}
	return raw, nil
}

// escapeInvalid writes the bytes of a URL that are no UTF-8 in their percent form, which means the same.
func escapeInvalid(text string) string {
	if utf8.ValidString(text) {
		return text
	}
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

// Lengths in bytes above which a text is cut. What is longer is no longer what the field is for, and the raw payload
// has the whole of it.
const (
	maxWord     = 256
	maxSentence = 2 << 10
	maxSubject  = 16 << 10
)

func word(text string) string     { return cut(clean(text), maxWord) }
func sentence(text string) string { return cut(clean(text), maxSentence) }

// messageIDs keeps the last of the ids, which are the nearest in the thread, and none that is longer than a line.
func messageIDs(ids []string) []string {
	kept := make([]string, 0, min(len(ids), maxReferences))
	for _, id := range ids[max(0, len(ids)-maxReferences):] {
		if len(id) <= maxSentence {
			kept = append(kept, clean(id))
		}
	}
	return kept
}

// addresses keeps the first of the addresses, and none that is longer than an address is.
func addresses(given []string, limit int) []string {
	var kept []string
	for _, address := range given {
		if len(kept) == limit {
			break
		}
		if address != "" && len(address) <= maxAddress {
			kept = append(kept, clean(address))
		}
	}
	return kept
}

// cut shortens a text to at most limit bytes, at the edge of a character.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
