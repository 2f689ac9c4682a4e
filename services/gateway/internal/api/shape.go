package api

import "time"

// Message is one message of a conversation.
type Message struct {
	ID             string   `json:"id" format:"uuid"`
	ConversationID string   `json:"conversationId" format:"uuid"`
	Channel        string   `json:"channel" enum:"email,sms,call,whatsapp,social,live_chat"`
	Direction      string   `json:"direction" enum:"inbound,outbound"`
	Status         string   `json:"status" enum:"scheduled,queued,sending,unknown,sent,undelivered,failed,delivered,opened,read,clicked,bounced,complained,blocked,canceled,expired,received" doc:"The same words on every channel. unknown: handed to the provider, outcome not known yet; never sent again blindly."`
	From           string   `json:"from"`
	To             string   `json:"to"`
	Subject        string   `json:"subject,omitempty"`
	Body           string   `json:"body" doc:"Plain text."`
	Cc             []string `json:"cc,omitempty" nullable:"false" doc:"E-mail only: who else it was written to."`
	Bcc            []string `json:"bcc,omitempty" nullable:"false" doc:"E-mail only, outbound only: who else got it without the others seeing."`
	FromName       string   `json:"fromName,omitempty" doc:"The name beside from."`
	ReplyBody      string   `json:"replyBody,omitempty" doc:"body without what it quotes of earlier messages. Absent when it quotes nothing."`
	HTML           string   `json:"html,omitempty" doc:"Sanitised: nothing in it runs or loads anything from others. Pictures of others are held back, see hasRemoteImages; pictures that came with the message point to its attachments."`
	// HasRemoteImages is true when pictures were held back.
	HasRemoteImages bool         `json:"hasRemoteImages,omitempty" doc:"True when html has pictures of others that were held back. /api/messages/{id}/html?images=shown shows them."`
	Attachments     []Attachment `json:"attachments" nullable:"false"`
	Automatic       bool         `json:"automatic,omitempty" doc:"True when a program wrote it and not a person."`
	Segments        int          `json:"segments,omitempty" doc:"How many segments the provider counted. Absent when it does not say."`
	Template        *TemplateUse `json:"template,omitempty" doc:"The template it was made of."`
	Call            *Call        `json:"call,omitempty" doc:"Channel call only: the life of the call."`
	ReplyToID       string       `json:"replyToId,omitempty" doc:"The message it answers, on channels whose messages answer one another."`
	Error           *Failure     `json:"error,omitempty" doc:"Why the message ended badly."`
	SenderID        string       `json:"senderId,omitempty" doc:"The user who sent it; absent for an API key."`
	Provider        string       `json:"provider,omitempty"`
	ProviderStatus  string       `json:"providerStatus,omitempty" doc:"The provider's own word."`
	ExternalID      string       `json:"externalId,omitempty" doc:"The provider's id of the message."`
	Attempt         int          `json:"attempt" doc:"1 for the first try; a retry counts up. 1 for inbound."`
	CreatedAt       time.Time    `json:"createdAt" doc:"When it was accepted (outbound) or written (inbound)."`
	UpdatedAt       time.Time    `json:"updatedAt"`
}

// Attachment is a file that belongs to a message.
type Attachment struct {
	ID          string `json:"id"`
	Filename    string `json:"filename"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size" doc:"Bytes."`
	ContentID   string `json:"contentId,omitempty" doc:"Set for a picture that the HTML shows."`
	// MissingReason is a plain text and no enum: more reasons may come.
	MissingReason string `json:"missingReason,omitempty" doc:"Why the file cannot be downloaded: too_large, too_many, type_refused, address_refused, unavailable. Absent when it can."`
}

// Failure says why a message ended badly and what a person can do about it.
type Failure struct {
	Code         string `json:"code" doc:"Our stable code."`
	ProviderCode string `json:"providerCode,omitempty" doc:"The provider's own code."`
	Message      string `json:"message" doc:"One sentence for a person."`
	Retryable    bool   `json:"retryable"`
	Remedy       string `json:"remedy,omitempty" doc:"What a person can do, in one sentence."`
}

// Conversation is the thread with one peer on one channel account.
type Conversation struct {
	ID                   string     `json:"id" format:"uuid"`
	Channel              string     `json:"channel" enum:"email,sms,call,whatsapp,social,live_chat"`
	Status               string     `json:"status" enum:"active,archived,closed,spam"`
	Subject              string     `json:"subject,omitempty"`
	Snippet              string     `json:"snippet" doc:"The beginning of the newest message."`
	Contact              Contact    `json:"contact"`
	IsUnread             bool       `json:"isUnread"`
	IsStarred            bool       `json:"isStarred"`
	AssignedTo           string     `json:"assignedTo,omitempty" doc:"Id of a user."`
	Labels               []string   `json:"labels" nullable:"false"`
	Tags                 []string   `json:"tags" nullable:"false"`
	LastMessageAt        time.Time  `json:"lastMessageAt"`
	LastDirection        string     `json:"lastDirection,omitempty" enum:"inbound,outbound" doc:"Direction of the newest message."`
	LastStatus           string     `json:"lastStatus,omitempty" doc:"Status of the newest message."`
	SnoozedUntil         *time.Time `json:"snoozedUntil,omitempty"`
	Consent              *Consent   `json:"consent,omitempty" doc:"What the customer's address wants. Absent while nothing is known: it may be written to."`
	HasWindow            bool       `json:"hasWindow" doc:"True on a channel whose customers can be answered freely only for a while after their last message."`
	WindowExpiresAt      *time.Time `json:"windowExpiresAt,omitempty" doc:"Until when the customer can be answered freely. Absent before the customer's first message, and on channels without such a window."`
	LinkedConversationID string     `json:"linkedConversationId,omitempty" doc:"The conversation that an e-mail of somebody else answered and so began this one."`
	CreatedAt            time.Time  `json:"createdAt"`
	UpdatedAt            time.Time  `json:"updatedAt"`
}

// Contact is the person a conversation is with.
type Contact struct {
	ID      string `json:"id" format:"uuid"`
	Name    string `json:"name,omitempty"`
	Address string `json:"address" doc:"The address on the conversation's channel."`
}

// User is a person who signs in.
type User struct {
	ID    string `json:"id" format:"uuid"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Workspace is one tenant.
type Workspace struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
	Slug string `json:"slug"`
}

// Me says who is calling.
type Me struct {
	User      *User     `json:"user,omitempty" doc:"Absent for an API key."`
	Workspace Workspace `json:"workspace"`
	Role      string    `json:"role" enum:"owner,admin,agent"`
}

// JourneyStep is one step of a message with its time.
type JourneyStep struct {
	At     time.Time `json:"at"`
	Step   string    `json:"step" doc:"accepted, claimed, then the states the message came into; written and received for inbound. In the order they happened."`
	Detail string    `json:"detail,omitempty" doc:"What happened, in a sentence or two for a person."`
}

// Key is an API key without its secret.
type Key struct {
	ID         string     `json:"id" format:"uuid"`
	Name       string     `json:"name"`
	Prefix     string     `json:"prefix" doc:"The first characters of the key, to tell keys apart."`
	CreatedAt  time.Time  `json:"createdAt"`
	LastUsedAt *time.Time `json:"lastUsedAt,omitempty"`
}

// NewKey is an API key with its secret, which is shown once.
type NewKey struct {
	Key
	Secret string `json:"secret,omitempty" doc:"Send it as Authorization: Bearer. It cannot be shown again; a repeated answer has none."`
}

// ChannelSettings is one channel account the workspace sends from.
type ChannelSettings struct {
	Channel        string        `json:"channel" enum:"email,sms,call,whatsapp,social,live_chat"`
	Mode           string        `json:"mode" enum:"platform,byoc"`
	Provider       string        `json:"provider"`
	From           string        `json:"from" doc:"Our address: what customers see and answer to."`
	Sandbox        bool          `json:"sandbox" doc:"True while messages go to the sandbox instead of a real provider."`
	Limits         ChannelLimits `json:"limits"`
	HasTemplates   bool          `json:"hasTemplates" doc:"True when GET /api/templates lists what may be sent outside the window."`
	IsExperimental bool          `json:"isExperimental" doc:"True when the provider calls this channel unfinished."`
}

// Accepted answers a message that was taken for sending.
type Accepted struct {
	ID             string `json:"id" format:"uuid" doc:"The message."`
	ConversationID string `json:"conversationId" format:"uuid"`
	Status         string `json:"status" enum:"queued"`
}
