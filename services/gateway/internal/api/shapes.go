package api

import (
	"encoding/json"
	"fmt"
	"slices"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/markup"
)

// Shapes writes messages in the shape of the API, whether they are read or told over realtime. It is safe for concurrent
// use.
type Shapes struct{ markup *markup.Cleaner }

// NewShapes makes Shapes.
func NewShapes() *Shapes { return &Shapes{markup: markup.New()} }

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
	inline := func(contentID string) (string, bool) {
		at := slices.IndexFunc(m.GetAttachments(), func(each *eventv1.Attachment) bool {
			return contentID != "" && each.GetContentId() == contentID && each.GetBlobKey() != ""
		})
		if at < 0 {
			return "", false
		}
		return "/api/messages/" + m.GetId() + "/attachments/" + m.GetAttachments()[at].GetId(), true
	}
	return s.markup.Clean(m.GetHtml(), markup.Options{ShowRemote: showRemote, Inline: inline})
}
