package api

import "time"

// ChannelLimits is what a channel account takes of one message. A number of 0 bounds nothing.
type ChannelLimits struct {
	MaxFiles          int              `json:"maxFiles" doc:"Files of one message."`
	MaxFileBytes      int64            `json:"maxFileBytes" doc:"Size of one file."`
	MaxTypeBytes      map[string]int64 `json:"maxTypeBytes,omitempty" nullable:"false" doc:"Size of one file where it is another for its type: by media type, or its beginning."`
	MaxTotalBytes     int64            `json:"maxTotalBytes" doc:"Size of all files of one message."`
	FileTypes         []string         `json:"fileTypes" nullable:"false" doc:"Media types, or their beginnings such as image/. Empty when every type is taken."`
	RefusedExtensions []string         `json:"refusedExtensions,omitempty" nullable:"false" doc:"What a file name may not end with, lower case with the dot."`
	MaxBody           int              `json:"maxBody" doc:"Length of the text in characters."`
	MaxRecipients     int              `json:"maxRecipients" doc:"To, cc and bcc together."`
}

// Consent is what an address wants of the workspace on a channel.
type Consent struct {
	Channel   string    `json:"channel" enum:"email,sms,call,whatsapp,social,live_chat"`
	Address   string    `json:"address"`
	State     string    `json:"state" enum:"opted_out,opted_in"`
	Source    string    `json:"source" doc:"Who said so: keyword, provider, bounce, complaint, unsubscribe or person."`
	Reason    string    `json:"reason" doc:"In plain words."`
	ChangedBy string    `json:"changedBy,omitempty" doc:"The user who changed it. Absent unless the source is person."`
	ChangedAt time.Time `json:"changedAt"`
}

// TemplateUse is a template with the values of its parameters.
type TemplateUse struct {
	ID         string            `json:"id" minLength:"1" maxLength:"512"`
	Language   string            `json:"language,omitempty" maxLength:"32" doc:"As the list of templates has it, for example en_US. May be left out where the template has one language."`
	Parameters map[string]string `json:"parameters,omitempty" nullable:"false" doc:"The value of each parameter, by its name."`
}

// Template is a message the provider has approved for sending outside the window.
type Template struct {
	ID         string              `json:"id"`
	Title      string              `json:"title"`
	Language   string              `json:"language" doc:"As the provider writes it, for example en_US."`
	Category   string              `json:"category" doc:"As the provider writes it, for example UTILITY."`
	Status     string              `json:"status" doc:"approved, pending or rejected. Only an approved one can be sent."`
	Body       string              `json:"body" doc:"The text with its parameters as {{name}}."`
	Parameters []TemplateParameter `json:"parameters" nullable:"false"`
}

// TemplateParameter is a gap in the text of a template.
type TemplateParameter struct {
	Name    string `json:"name"`
	Example string `json:"example"`
}

// Call is the life of a call.
type Call struct {
	State           string      `json:"state" doc:"ringing, in_progress, completed, voicemail, busy, no_answer, failed or canceled."`
	AgentID         string      `json:"agentId,omitempty" doc:"The user who took or placed the call. Absent while nobody has."`
	DurationSeconds int         `json:"durationSeconds" doc:"Of the conversation, or of the voicemail."`
	StartedAt       *time.Time  `json:"startedAt,omitempty"`
	AnsweredAt      *time.Time  `json:"answeredAt,omitempty"`
	EndedAt         *time.Time  `json:"endedAt,omitempty"`
	Recording       *Attachment `json:"recording,omitempty" doc:"Of the call or of the voicemail. Read it as an attachment of the message, in ranges if you like."`
	Transcript      string      `json:"transcript,omitempty" doc:"What was said, where the provider made a transcript."`
}

// CallAgent is a person whose phone rings.
type CallAgent struct {
	UserID string `json:"userId" minLength:"1" maxLength:"64"`
	Name   string `json:"name,omitempty" maxLength:"100" doc:"Told by the list of members; what is sent is ignored."`
	Phone  string `json:"phone" minLength:"1" maxLength:"64" doc:"International phone number."`
}

// CallSettings is what the workspace does with calls.
type CallSettings struct {
	RingMode          string      `json:"ringMode" enum:"parallel,in_turn" doc:"Whether the agents' phones ring together or one after the other."`
	RingSeconds       int32       `json:"ringSeconds" minimum:"5" maximum:"60" doc:"How long each try rings."`
	Agents            []CallAgent `json:"agents" nullable:"false" maxItems:"50" doc:"Who is rung, in this order."`
	Record            bool        `json:"record" doc:"Whether calls are recorded."`
	Announcement      string      `json:"announcement" maxLength:"500" doc:"Said before a call is connected, for example that it is recorded. Empty for nothing."`
	Voicemail         bool        `json:"voicemail" doc:"Whether a customer nobody answers may leave a message."`
	VoicemailGreeting string      `json:"voicemailGreeting" maxLength:"500" doc:"Said before the tone. Empty for our own words."`
	Language          string      `json:"language" maxLength:"35" pattern:"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$" doc:"Of what is said, BCP 47. Empty is en-US."`
}
