package api

import (
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
)

func toTemplateUse(t *eventv1.Template) *TemplateUse {
	if t == nil {
		return nil
	}
	return &TemplateUse{ID: t.GetId(), Language: t.GetLanguage(), Parameters: t.GetParameters()}
}

func toCall(c *eventv1.Call) *Call {
	if c == nil {
		return nil
	}
	call := &Call{
		State: c.GetState(), AgentID: c.GetAgentId(), DurationSeconds: int(c.GetDurationSeconds()),
		StartedAt: toOptionalTime(c.GetStartedAt()), AnsweredAt: toOptionalTime(c.GetAnsweredAt()),
		EndedAt: toOptionalTime(c.GetEndedAt()), Transcript: c.GetTranscript(),
	}
	if c.GetRecording() != nil {
		call.Recording = new(toAttachment(c.GetRecording()))
	}
	return call
}

func toConsent(c *eventv1.Consent) Consent {
	return Consent{
		Channel: c.GetChannel(), Address: c.GetAddress(), State: c.GetState(), Source: c.GetSource(), Reason: c.GetReason(),
		ChangedBy: c.GetChangedBy(), ChangedAt: toTime(c.GetChangedAt()),
	}
}

// toOptionalConsent is nil while nothing is known.
func toOptionalConsent(c *eventv1.Consent) *Consent {
	if c.GetState() == "" {
		return nil
	}
	return new(toConsent(c))
}

func toTemplate(t *senderv1.Template) Template {
	return Template{
		ID: t.GetId(), Title: t.GetTitle(), Language: t.GetLanguage(), Category: t.GetCategory(), Status: t.GetStatus(),
		Body: t.GetBody(), Parameters: mapped(t.GetParameters(), toTemplateParameter),
	}
}

func toTemplateParameter(p *senderv1.TemplateParameter) TemplateParameter {
	return TemplateParameter{Name: p.GetName(), Example: p.GetExample()}
}

func toCallSettings(s *bucketv1.CallSettings) CallSettings {
	return CallSettings{
		RingMode: s.GetRingMode(), RingSeconds: s.GetRingSeconds(), Agents: mapped(s.GetAgents(), toCallAgent),
		Record: s.GetRecord(), Announcement: s.GetAnnouncement(), Voicemail: s.GetVoicemail(),
		VoicemailGreeting: s.GetVoicemailGreeting(), Language: s.GetLanguage(),
	}
}

func toCallAgent(a *bucketv1.CallAgent) CallAgent {
	return CallAgent{UserID: a.GetUserId(), Name: a.GetName(), Phone: a.GetPhone()}
}
