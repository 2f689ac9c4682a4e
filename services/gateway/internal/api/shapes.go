package api

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"

	lru "github.com/hashicorp/golang-lru/v2"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/markup"
)

const (
	// rememberedHTML is how many cleaned texts are kept, each of at most maxRememberedHTML bytes: a message is written
	// again with each of its states.
	rememberedHTML    = 512
	maxRememberedHTML = 128 << 10
)

// Shapes writes messages in the shape of the API, whether they are read or told over realtime. It is safe for concurrent
// use.
type Shapes struct {
	markup  *markup.Cleaner
	cleaned *lru.Cache[[sha256.Size]byte, markup.Result]
}

// NewShapes makes Shapes.
func NewShapes() (*Shapes, error) {
	cleaned, err := lru.New[[sha256.Size]byte, markup.Result](rememberedHTML)
	if err != nil {
		return nil, fmt.Errorf("making the memory of clean HTML: %w", err)
	}
	return &Shapes{markup: markup.New(), cleaned: cleaned}, nil
}

// EncodeChange writes the frame of a fact.
func (s *Shapes) EncodeChange(sequence uint64, fact *eventv1.Change) ([]byte, error) {
	frame := Change{
		Type: "change", Seq: sequence, Entity: fact.GetEntity(), Verb: fact.GetVerb(), ID: fact.GetEntityId(),
	}
	if fact.GetConversation() != nil {
		frame.Conversation = new(toConversation(fact.GetConversation()))
	}
	if fact.GetMessage() != nil {
		frame.Message = new(s.message(fact.GetMessage()))
	}
	encoded, err := json.Marshal(frame)
	if err != nil {
		return nil, fmt.Errorf("encoding change %d: %w", sequence, err)
	}
	return encoded, nil
}

func (s *Shapes) message(m *eventv1.Message) Message {
	clean := s.html(m, false)
	return Message{
		ID: m.GetId(), ConversationID: m.GetConversationId(), Channel: m.GetChannel(), Direction: m.GetDirection(),
		Status: m.GetStatus(), From: m.GetFrom(), FromName: m.GetFromName(), To: m.GetTo(), Cc: m.GetCc(), Bcc: m.GetBcc(),
		Subject: m.GetSubject(), Body: m.GetBody(), ReplyBody: m.GetReplyBody(), HTML: clean.HTML,
		HasRemoteImages: clean.RemoteImages > 0, Attachments: mapped(m.GetAttachments(), toAttachment),
		Automatic: m.GetAutomatic(), Segments: int(m.GetSegments()), Template: toTemplateUse(m.GetTemplate()),
		Call: toCall(m.GetCall()), ReplyToID: m.GetReplyToId(), Error: toFailure(m.GetFailure()),
		SenderID: m.GetSenderId(), Provider: m.GetProvider(), ProviderStatus: m.GetProviderStatus(),
		ExternalID: m.GetExternalId(), Attempt: int(m.GetAttempt()),
		CreatedAt: toTime(m.GetCreatedAt()), UpdatedAt: toTime(m.GetUpdatedAt()),
	}
}

// html is the HTML of a message made safe, with the pictures that came with it in their places.
func (s *Shapes) html(m *eventv1.Message, showRemote bool) markup.Result {
	text := m.GetHtml()
	if text == "" {
		return markup.Result{}
	}
	places := placesOf(m)
	if showRemote || len(text) > maxRememberedHTML {
		return s.clean(text, places, showRemote)
	}
	key := keyOf(text, places)
	if known, ok := s.cleaned.Get(key); ok {
		return known
	}
	clean := s.clean(text, places, false)
	s.cleaned.Add(key, clean)
	return clean
}

func (s *Shapes) clean(text string, places []place, showRemote bool) markup.Result {
	urls := make(map[string]string, len(places))
	for _, each := range places {
		urls[each.contentID] = each.url
	}
	inline := func(contentID string) (string, bool) {
		url, ok := urls[contentID]
		return url, ok
	}
	return s.markup.Clean(text, markup.Options{ShowRemote: showRemote, Inline: inline})
}

// place is where a picture is that came with a message.
type place struct{ contentID, url string }

func placesOf(m *eventv1.Message) []place {
	var places []place
	for _, each := range m.GetAttachments() {
		if each.GetContentId() != "" && each.GetBlobKey() != "" {
			places = append(places, place{each.GetContentId(), "/api/messages/" + m.GetId() + "/attachments/" + each.GetId()})
		}
	}
	return places
}

// keyOf names what comes out of a text with its pictures in these places. The addresses hold the ids, so that no two
// messages with pictures share it.
func keyOf(text string, places []place) (key [sha256.Size]byte) {
	sum := sha256.New()
	for _, each := range places {
		sum.Write([]byte(strconv.Quote(each.contentID) + " " + each.url + "\n"))
	}
	sum.Write([]byte("\n" + text))
	sum.Sum(key[:0])
	return key
}
