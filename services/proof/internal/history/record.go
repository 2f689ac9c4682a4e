package history

import "time"

// Kind says what a record tells of.
type Kind string

// The kinds.
const (
	// Workspace: a workspace was signed up. Name is what it is called, Addresses are its own by channel, Key is an API key.
	Workspace Kind = "workspace"
	// Send: one attempt to hand a message over. Several of the same marker are repeats with the same Idempotency-Key.
	Send Kind = "send"
	// Inbound: a customer wrote.
	Inbound Kind = "inbound"
	// Call: a customer called, or a call was ended by the customer.
	Call Kind = "call"
	// Update: a person changed a conversation.
	Update Kind = "update"
	// Read: something was read.
	Read Kind = "read"
	// Connect: a client began to follow the changes. After is the sequence it resumed from.
	Connect Kind = "connect"
	// Frame: a client was sent a frame.
	Frame Kind = "frame"
	// Disconnect: the connection of a client ended.
	Disconnect Kind = "disconnect"
	// Fault: something was done to the system.
	Fault Kind = "fault"
	// Seen: a checker saw something from outside.
	Seen Kind = "seen"
)

// Quiet is the name of what was seen when nothing moved any more.
const Quiet = "quiet"

// Outcome is how an operation ended.
type Outcome string

// The outcomes.
const (
	// Accepted: the system took it and said so.
	Accepted Outcome = "accepted"
	// Refused: the system said that it will not take it, and a repeat would hear the same.
	Refused Outcome = "refused"
	// Failed: no answer, or one that says to try again. It may or may not have happened.
	Failed Outcome = "failed"
)

// Record is one entry of a history. What does not apply is empty.
type Record struct {
	Kind    Kind      `json:"kind"`
	At      time.Time `json:"at"`
	End     time.Time `json:"end,omitzero"`
	Outcome Outcome   `json:"outcome,omitempty"`

	// Workspace is the id of the workspace whose person, client or customer acts.
	Workspace string `json:"workspace,omitempty"`
	Channel   string `json:"channel,omitempty"`
	// Customer and Business are the addresses of the two sides, as the system was given them.
	Customer string `json:"customer,omitempty"`
	Business string `json:"business,omitempty"`
	// Marker is the text that no other message of the run carries.
	Marker string `json:"marker,omitempty"`
	// ID is the message concerned, Conversation its conversation, both by the system's ids.
	ID           string `json:"id,omitempty"`
	Conversation string `json:"conversation,omitempty"`
	// Key is the Idempotency-Key of a send, the API key of a workspace; Attempt counts the repeats of a send from one.
	Key     string `json:"key,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	Status  int    `json:"status,omitempty"`
	// Markers are those that were seen in what was read.
	Markers []string `json:"markers,omitempty"`
	// Files are the files that went along.
	Files []File `json:"files,omitempty"`
	// Lane is a conversation of the driver: what is sent in it one after the other carries a growing Turn.
	Lane string `json:"lane,omitempty"`
	Turn int    `json:"turn,omitempty"`

	// Client names a following client; Seq is the sequence of a frame, After the one a connection resumed from.
	Client string `json:"client,omitempty"`
	Seq    uint64 `json:"seq,omitempty"`
	After  uint64 `json:"after,omitempty"`
	// Frame is what the frame said.
	Frame *FrameText `json:"frame,omitempty"`

	// Addresses are those of a workspace by channel.
	Addresses map[string]string `json:"addresses,omitempty"`
	// Name says more closely what was done, Detail what came of it.
	Name   string `json:"name,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// File is a file by its name, size and SHA-256 in hexadecimal digits.
type File struct {
	Filename string `json:"filename"`
	Size     int    `json:"size"`
	Sum      string `json:"sum"`
}

// FrameText is what a client reads of a frame.
type FrameText struct {
	Type         string `json:"type"`
	Entity       string `json:"entity,omitempty"`
	Verb         string `json:"verb,omitempty"`
	ID           string `json:"id,omitempty"`
	Conversation string `json:"conversation,omitempty"`
	Status       string `json:"status,omitempty"`
	Body         string `json:"body,omitempty"`
}
