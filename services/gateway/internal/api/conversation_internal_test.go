package api

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// fill sets every field, also those that are added later, each to a text or number of its own.
func fill(message protoreflect.Message, next *int) {
	fields := message.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		*next++
		switch {
		case field.IsList():
			list := message.Mutable(field).List()
			for j := range 3 {
				list.Append(protoreflect.ValueOfString(fmt.Sprintf("%s %d", field.Name(), j)))
			}
		case field.Kind() == protoreflect.MessageKind:
			fill(message.Mutable(field).Message(), next)
		case field.Kind() == protoreflect.StringKind:
			message.Set(field, protoreflect.ValueOfString(fmt.Sprintf("%s %d", field.Name(), *next)))
		case field.Kind() == protoreflect.BoolKind:
			message.Set(field, protoreflect.ValueOfBool(true))
		case field.Kind() == protoreflect.Int64Kind:
			message.Set(field, protoreflect.ValueOfInt64(int64(1_700_000_000+*next)))
		case field.Kind() == protoreflect.Int32Kind:
			message.Set(field, protoreflect.ValueOfInt32(int32(*next*1000)))
		}
	}
}

// conversations are a full one, an empty one, one field at a time, and texts that JSON cannot hold as they are.
func conversations() []*eventv1.Conversation {
	next := 0
	full := &eventv1.Conversation{}
	fill(full.ProtoReflect(), &next)
	listed := []*eventv1.Conversation{full, {}, {Consent: &eventv1.Consent{State: "opted_in"}}}
	full.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		one := &eventv1.Conversation{}
		one.ProtoReflect().Set(field, value)
		listed = append(listed, one)
		return true
	})
	for _, text := range []string{
		"ünïcødé ✓ 日本 😀", `quote " backslash \ slash /`, "line\nbreak\ttab\x00\x1f\x7f", "<b>&amp;</b>", "sep\u2028and\u2029",
		"…“–”", "\u0085\ufeff\ufffd",
	} {
		listed = append(listed, &eventv1.Conversation{
			Subject: text, Snippet: text, Labels: []string{text, "", text}, Contact: &eventv1.Contact{Name: text},
			Consent: &eventv1.Consent{State: "opted_out", Reason: text},
		})
	}
	for _, at := range []*timestamppb.Timestamp{
		{}, {Seconds: -1}, {Seconds: -1, Nanos: 999_999_999}, {Seconds: 1_700_000_000, Nanos: 120_000_000}, {Seconds: 253402300799, Nanos: 1},
	} {
		listed = append(listed, &eventv1.Conversation{LastMessageAt: at, SnoozedUntil: at, WindowExpiresAt: at, CreatedAt: at, UpdatedAt: at})
	}
	return listed
}

// standard is what the library writes of a page.
func standard(t *testing.T, page ConversationPage) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, huma.DefaultJSONFormat.Marshal(&text, page))
	return text.String()
}

func TestAListIsWrittenFromTheWireAsFromTheMessage(t *testing.T) {
	t.Parallel()
	buffers := newBuffers()
	for _, response := range []*storev1.ListConversationsResponse{
		{}, {NextCursor: "bmV4dA"}, {Items: conversations(), NextCursor: "bmV4dA"}, {Items: conversations()[:1], NextCursor: `a"b`},
	} {
		data, err := proto.Marshal(response)
		require.NoError(t, err)
		page, err := buffers.writePage(data)
		require.NoError(t, err)
		var text bytes.Buffer
		require.NoError(t, buffers.marshal(&text, page))
		want := ConversationPage{Items: mapped(response.GetItems(), toConversation), NextCursor: response.GetNextCursor()}
		require.Equal(t, standard(t, want), text.String())
	}
}

func TestAListThatIsCutOffIsRefusedAndNeverPanics(t *testing.T) {
	t.Parallel()
	buffers := newBuffers()
	data, err := proto.Marshal(&storev1.ListConversationsResponse{Items: conversations()[:1]})
	require.NoError(t, err)
	for length := 1; length < len(data); length++ {
		_, err := buffers.writePage(data[:length])
		require.Error(t, err, "%d of %d", length, len(data))
	}
}

func TestAConversationIsWrittenAsByTheStandardEncoder(t *testing.T) {
	t.Parallel()
	for _, conversation := range append(mapped(conversations(), toConversation),
		Conversation{Snippet: "not \xff UTF-8", Labels: []string{}, Tags: []string{"\xe2\x80"}}) {
		text := string(conversation.appendJSON([]byte(`{"items":[`))) + "]}\n"
		require.Equal(t, standard(t, ConversationPage{Items: []Conversation{conversation}}), text)
	}
}

func TestWhatIsNoWrittenPageIsLeftToTheLibrary(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	require.NoError(t, newBuffers().marshal(&text, ConversationPage{Items: []Conversation{}}))
	require.JSONEq(t, `{"items":[]}`, text.String())
}
