// Package world remembers what customers received and what they wrote: the phone and the mailbox behind the providers.
package world

import (
	"slices"
	"strings"
	"time"
)

// The channels.
const (
	SMS      = "sms"
	Email    = "email"
	WhatsApp = "whatsapp"
)

// State is how far a customer's message has come.
type State string

// The states of a customer's message.
const (
	// Pending: the webhook is not answered yet.
	Pending State = "pending"
	// Taken: the webhook was answered well.
	Taken State = "taken"
	// Lost: the last attempt failed, or a fault dropped the webhook.
	Lost State = "lost"
)

// Message is one text or mail, seen from the customer's side.
type Message struct {
	// ID names the item; ExternalID is the provider's id of the message.
	ID, ExternalID    string
	Provider, Channel string
	// Customer and Business are the plain addresses of the two sides, e-mail in lower case.
	Customer, Business string
	// Written tells that the customer wrote it; otherwise the customer received it.
	Written  bool
	From, To string
	// MessageID, InReplyTo and References are RFC 5322 identifiers in angle brackets.
	MessageID, InReplyTo                string
	References                          []string
	Subject, Body, HTML, ReplyTo, Media string
	// Cc is who else an e-mail went to openly; Automatic tells that a program wrote it.
	Cc        string
	Automatic bool
	Files     []File
	At        time.Time
	// Template names the template that a message was made of; Buttons are what the customer can press below it.
	Template *Template
	Buttons  []string
	// IsRead tells that the customer has opened a message, where the sender is told of it.
	IsRead bool
	// State and Detail tell of the webhook for a message that the customer wrote.
	State  State
	Detail string
}

// Template is a template in one of its languages.
type Template struct{ ID, Language string }

// File is a file of a message. ContentID is set for a picture that the HTML shows.
type File struct {
	Filename, ContentType, ContentID string
	Content                          []byte
}

// Draft is what a customer wants to write. Original is the message it answers, nil when it answers none.
type Draft struct {
	From, To, Subject, Body string
	Original                *Message
	Files                   []File
	// HTML is how an e-mail looks; empty for the text in paragraphs.
	HTML string
	// Cc is who else an e-mail goes to. Quote puts the original below an e-mail, and Automatic makes it the answer of a
	// program.
	Cc               []string
	Quote, Automatic bool
	// Button is the button of the original that the customer pressed.
	Button string
}

// InputError says which field of a draft is wrong.
type InputError struct{ Field, Message string }

// Error implements error.
func (e *InputError) Error() string { return e.Field + ": " + e.Message }

// Peer is an address the sandbox has seen.
type Peer struct {
	Channel, Address string
	// Business tells one of our own addresses from a customer's.
	Business bool
	LastAt   time.Time
	Messages int
}

func (m Message) clone() Message {
	m.References, m.Files, m.Buttons = slices.Clone(m.References), slices.Clone(m.Files), slices.Clone(m.Buttons)
	return m
}

func (m Message) size() int {
	size := 512
	for _, file := range m.Files {
		size += 128 + len(file.Content)
	}
	return size + len(m.Body) + len(m.HTML) + len(m.Subject) + len(strings.Join(m.References, " "))
}
