package api

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// mapped is never nil: an empty list is written as [].
func mapped[From, To any](items []From, convert func(From) To) []To {
	converted := make([]To, len(items))
	for i, item := range items {
		converted[i] = convert(item)
	}
	return converted
}

func toAttachment(a *eventv1.Attachment) Attachment {
	return Attachment{
		ID: a.GetId(), Filename: a.GetFilename(), ContentType: a.GetContentType(), Size: a.GetSize(),
		ContentID: a.GetContentId(), MissingReason: a.GetMissingReason(),
	}
}

func toFailure(f *eventv1.Failure) *Failure {
	if f.GetCode() == "" {
		return nil
	}
	return &Failure{
		Code: f.GetCode(), ProviderCode: f.GetProviderCode(), Message: f.GetMessage(),
		Retryable: f.GetRetryable(), Remedy: f.GetRemedy(),
	}
}

func toConversation(c *eventv1.Conversation) Conversation {
	same := func(text string) string { return text }
	return Conversation{
		ID: c.GetId(), Channel: c.GetChannel(), Status: c.GetStatus(), Subject: c.GetSubject(), Snippet: c.GetSnippet(),
		Contact: Contact{
			ID: c.GetContact().GetId(), Name: c.GetContact().GetName(), Address: c.GetContact().GetAddress(),
		},
		IsUnread: c.GetIsUnread(), IsStarred: c.GetIsStarred(), AssignedTo: c.GetAssignedTo(),
		Labels: mapped(c.GetLabels(), same), Tags: mapped(c.GetTags(), same),
		LastMessageAt: toTime(c.GetLastMessageAt()), LastDirection: c.GetLastDirection(), LastStatus: c.GetLastStatus(),
		SnoozedUntil: toOptionalTime(c.GetSnoozedUntil()), Consent: toOptionalConsent(c.GetConsent()),
		HasWindow: c.GetHasWindow(), WindowExpiresAt: toOptionalTime(c.GetWindowExpiresAt()),
		LinkedConversationID: c.GetLinkedConversationId(),
		CreatedAt:            toTime(c.GetCreatedAt()), UpdatedAt: toTime(c.GetUpdatedAt()),
	}
}

func toUser(u *storev1.User) *User {
	if u.GetId() == "" {
		return nil
	}
	return &User{ID: u.GetId(), Name: u.GetName(), Email: u.GetEmail()}
}

func toWorkspace(w *storev1.Workspace) Workspace {
	return Workspace{ID: w.GetId(), Name: w.GetName(), Slug: w.GetSlug()}
}

func toKey(k *storev1.ApiKey) Key {
	return Key{
		ID: k.GetId(), Name: k.GetName(), Prefix: k.GetPrefix(),
		CreatedAt: toTime(k.GetCreatedAt()), LastUsedAt: toOptionalTime(k.GetLastUsedAt()),
	}
}

func toStep(s *storev1.JourneyStep) JourneyStep {
	return JourneyStep{At: toTime(s.GetAt()), Step: s.GetStep(), Detail: s.GetDetail()}
}

// updateRequest says which fields to change; a field that is not set is left as it is.
func updateRequest(id string, patch ConversationPatch) *storev1.UpdateConversationRequest {
	request := &storev1.UpdateConversationRequest{
		Id: id, Status: patch.Status, IsUnread: patch.IsUnread, IsStarred: patch.IsStarred,
		Labels: toStringList(patch.Labels), Tags: toStringList(patch.Tags),
		ClearSnoozedUntil: patch.SnoozedUntil.Null,
	}
	if patch.AssignedTo.IsSet {
		request.AssignedTo = new(patch.AssignedTo.Value) // null is the empty text
	}
	if patch.SnoozedUntil.IsSet && !patch.SnoozedUntil.Null {
		request.SnoozedUntil = timestamppb.New(patch.SnoozedUntil.Value)
	}
	return request
}

func toStringList(values *[]string) *storev1.StringList {
	if values == nil {
		return nil
	}
	return &storev1.StringList{Values: *values}
}

func toTime(at *timestamppb.Timestamp) time.Time { return at.AsTime().UTC() }

func toOptionalTime(at *timestamppb.Timestamp) *time.Time {
	if at == nil {
		return nil
	}
	return new(toTime(at))
}
