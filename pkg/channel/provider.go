package channel

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// ErrInvalidCredential is returned by Connect when a field is missing or malformed. An empty signing secret is
// malformed: it would verify anything.
var ErrInvalidCredential = errors.New("invalid credential")

// ErrBadSignature is returned by Verify when a webhook is not proved to come from the provider.
var ErrBadSignature = errors.New("bad signature")

// ErrUnparsable is returned by Parse when a webhook is not what the provider documents.
var ErrUnparsable = errors.New("unparsable webhook")

// Provider is one vendor. Adding one touches its folder and one line of package all.
type Provider interface {
	Describe() Description
	// Connect makes the working parts for one credential. It calls nobody.
	// It returns ErrInvalidCredential naming the field.
	Connect(credential Credential, client *http.Client) (Connection, error)
}

// Description is what the rest of the system knows about a provider.
type Description struct {
	// Name is the registry name: one lower-case token, in the webhook path and in the tables.
	Name string
	// Title is the name people know.
	Title    string
	Channels []Kind
	Fields   []Field
	// IdempotencyWindow is how long the provider recognises a repeated send by our message id; 0 when it never does.
	IdempotencyWindow time.Duration
	// SendsPerSecond is the provider's documented default rate for one credential and sender; 0 when it documents none.
	SendsPerSecond float64
	// Rates is the rate on the channels where it is another one than SendsPerSecond; 0 bounds nothing.
	Rates   map[Kind]float64
	Replies Replies
	// Limits is what the provider takes on a channel, by channel.
	Limits map[Kind]Limits
	// Windows is how long after a customer's last message free-form answers are taken, by channel; none where the channel
	// has no such window. Outside it only templates are.
	Windows map[Kind]time.Duration
	// AnswersKeywords lists the channels on which the provider itself acts on STOP, START and HELP and answers them. On
	// the others that is ours.
	AnswersKeywords []Kind
	// Experimental lists the channels that are there only when the platform's address on them is set, and labelled so:
	// the provider calls them unfinished.
	Experimental []Kind
	// UnitCosts is what the provider takes for a unit by its list price, where it publishes one: where the operator's begins.
	UnitCosts []UnitCost
}

// UnitCost is a price of a provider.
type UnitCost struct {
	// Meter is what is counted, as pkg/plan names it.
	Meter string
	// Currency is ISO 4217.
	Currency string
	// Micros is the price in millionths of the currency's unit.
	Micros int64
}

// Limits is what a provider takes of one message on a channel. 0 and nil bound nothing.
type Limits struct {
	// MaxFiles is the number of files, MaxFileBytes the size of one and MaxTotalBytes of all of them, before encoding.
	MaxFiles                    int
	MaxFileBytes, MaxTotalBytes int64
	// MaxTypeBytes is the size of one file where it is another for its type; no file is of two of the types.
	MaxTypeBytes map[string]int64
	// FileTypes lists what may be sent: IANA media types, or their beginnings such as "image/".
	FileTypes []string
	// RefusedExtensions lists what may not be sent by the end of the file name, lower case with the dot.
	RefusedExtensions []string
	// MaxRecipients counts To, Cc and Bcc.
	MaxRecipients int
	// MaxBody is the length of the text in characters.
	MaxBody int
}

// Field describes one value of a credential, enough to draw a form.
type Field struct {
	// Name is the key in Credential.
	Name     string
	Label    string
	Help     string
	Secret   bool
	Required bool
	// Env is the environment variable that holds the platform's own value.
	Env string
	// AddressOf is the channel whose sending address the field holds; empty for the others.
	AddressOf Kind
	// Account marks the field that holds the provider's account id, which inbound webhooks repeat.
	Account bool
	// Platform marks a field that the operator alone decides: a workspace's own credential has the platform's value.
	Platform bool
}

// Credential is the value of each field, by name.
type Credential map[string]string

// Replies is how the provider wants its webhooks answered.
type Replies struct {
	OK, BadSignature, Unparsable, Unavailable Reply
}

// Reply is one HTTP answer.
type Reply struct {
	Status      int
	ContentType string
	Body        string
}

// Connection is a provider with a credential. It is safe for concurrent use.
type Connection interface {
	Sender
	Receiver
	Checker
}

// Sender hands a message to the provider.
type Sender interface {
	// Send makes one call. The message's ID rides along so that callbacks carry it back, and is the idempotency key
	// where the provider has one. Every error is an *Error; the outcome is decided from the HTTP status and body that
	// our own transport saw.
	Send(ctx context.Context, message Outbound) (Accepted, error)
}

// Finder looks up what became of a message whose outcome is not known. Optional.
type Finder interface {
	// Find asks the provider for the message. It returns ErrNotFound when the provider knows none: that proves
	// nothing, so the caller never sends again because of it.
	Find(ctx context.Context, message Outbound, since time.Time) (Found, error)
}

// Likener is a Finder whose provider does not show our ids in what it lists. Optional.
type Likener interface {
	Finder
	// Likeness is what the list shows of a message instead: of two messages with one likeness nobody can tell which of
	// them a listed one is. Empty for a message that Find never finds by it.
	Likeness(message Outbound) string
}

// ErrNotFound is returned by Find when the provider knows no such message.
var ErrNotFound = errors.New("message not found at the provider")

// Receiver reads webhooks.
type Receiver interface {
	// Verify proves that the webhook comes from the provider, in constant time. It returns ErrBadSignature.
	Verify(webhook Webhook) error
	// Parse reads the webhook without calling anyone. It returns ErrUnparsable. A webhook that concerns no message
	// is an empty Delivery.
	Parse(webhook Webhook) (Delivery, error)
}

// Completer fetches what an inbound webhook leaves out. Optional.
type Completer interface {
	// Complete fills body, HTML and threading. Every error is an *Error.
	Complete(ctx context.Context, inbound *Inbound) error
}

// Checker makes the cheap authenticated call that tells whether a credential works.
type Checker interface {
	// Check returns what the call proved. An error means that the question could not be asked.
	Check(ctx context.Context) (CheckResult, error)
}

// CheckResult tells the parts of a credential apart.
type CheckResult struct {
	// KeyValid tells that the provider knows the key.
	KeyValid bool
	// CanSend and CanReceive tell what the key may do, as far as the provider says.
	CanSend, CanReceive bool
	// SenderVerified tells that the from-address may be used; nil when the provider cannot say.
	SenderVerified *bool
	// Detail is one sentence for a person.
	Detail string
}

// Outbound is a message to be sent.
type Outbound struct {
	WorkspaceID, MessageID, ConversationID string
	Kind                                   Kind
	From, FromName, To                     string
	Subject, Body, HTML                    string
	Cc, Bcc                                []string
	ReplyTo                                string
	InReplyTo                              string
	References                             []string
	Files                                  []File
	// Template stands in place of a free-form message; Body is the text it makes.
	Template *TemplateUse
	// Call is set on the channel Call: Send then rings the agent's phone.
	Call *OutboundCall
	// Automatic marks what a program wrote: RFC 3834 on e-mail.
	Automatic bool
	// StatusURL is the public URL for callbacks about this message, our ids in its query (see CallbackQuery).
	// A provider without per-message callbacks ignores it.
	StatusURL string
	Attempt   int
}

// File is a file of an outbound message.
type File struct {
	// ContentID (RFC 2392, without angle brackets) is set for a picture that the HTML shows as cid:ContentID.
	Filename, ContentType, ContentID string
	// Size in bytes.
	Size int64
	// Open reads the file; whoever opens it closes it. A provider that takes the bytes uses it. Its errors, and those of
	// reading, say whether to try again: they are wrapped in the Err of the Error that Send returns. Find and Check never
	// open a file.
	Open func(ctx context.Context) (io.ReadCloser, error)
	// URL is public for a few hours, for a provider that fetches the file itself.
	URL string
}

// Accepted is what the provider answered to a send it took.
type Accepted struct {
	ExternalID string
	// Status is Queued, Sending or Sent as the provider said; ProviderStatus is its own word, empty when it has none.
	Status         Status
	ProviderStatus string
	// EmailMessageID is the Message-ID on the wire when the provider tells it, without angle brackets.
	EmailMessageID string
	// Segments is how many segments the provider counted; 0 when it does not say.
	Segments int
}

// Found is what the provider knows of a message. Its status is Sent or of a higher rank, also while the provider still
// has the message queued: that it has the message is what ends Unknown.
type Found struct {
	Accepted
	Failure *Failure
	// ByLikeness tells that nothing but its likeness (see Likener) says that it is the message asked for.
	ByLikeness bool
}

// Webhook is a request from a provider. URL is the public URL as configured there, raw query included.
type Webhook struct {
	Method     string
	URL        string
	Header     http.Header
	Body       []byte
	ReceivedAt time.Time
}

// Delivery is what one webhook brought.
type Delivery struct {
	Inbound  []Inbound
	Receipts []Receipt
	// Calls is news of calls; see CallEvent.
	Calls []CallEvent
	// Suppressions is what the provider says of addresses rather than of messages.
	Suppressions []Suppression
}

// Page is one page of a listing: what the webhooks would have told, with the dedupe keys they would have had.
type Page struct {
	Delivery
	// Next asks for the page after it; empty on the last.
	Next string
}

// ListedKey begins the keys of what a Lister reads where it cannot name the fact as the webhook would: what both tell is
// told by the webhook then.
const ListedKey = "listed/"

// Lister asks what the webhooks may not have told. Optional.
type Lister interface {
	// List reads one page of what happened since; cursor is empty for the first. Every error is an *Error.
	List(ctx context.Context, since time.Time, cursor string) (Page, error)
}

// MediaAuthorizer proves to the provider who asks for a file that it keeps for us. Optional: without it every Media may
// be fetched by its URL alone.
type MediaAuthorizer interface {
	// AuthorizeMedia adds the credential to a request for the URL of a Media when that URL is the provider's own, and
	// leaves every other request as it is. Whoever follows a redirect to another host takes the credential out again,
	// as http.Client does. It calls nobody.
	AuthorizeMedia(request *http.Request)
}

// Handshaker answers the request by which a provider checks that an endpoint is ours. Optional.
type Handshaker interface {
	// Handshake returns the answer to such a request; false when the webhook is none. It compares in constant time.
	Handshake(webhook Webhook) (Reply, bool)
}

// Suppression is the news that an address is to be written to no more, or may be again.
type Suppression struct {
	Kind Kind
	// Address is the customer's, normalised; From ours and Account the provider's account id, either may be empty.
	Address, From, Account string
	// WorkspaceID is ours when the provider carried it back.
	WorkspaceID string
	// OptedOut is false when the address may be written to again.
	OptedOut bool
	// Source is one of the sources of a consent: SourceProvider, SourceBounce, SourceComplaint or SourceUnsubscribe.
	Source string
	// Reason is the provider's own words, for a person.
	Reason     string
	OccurredAt time.Time
	// DedupeKey names the fact, and Part is what of the body tells it; as in Receipt.
	DedupeKey string
	Part      []byte
}

// Inbound is a message from a customer. Addresses are written as NormalizeAddress writes them; one that it refuses,
// such as the short code of a bank, is left as it came.
type Inbound struct {
	Kind       Kind
	ExternalID string
	// Account is the provider's account id; empty when the webhook does not say.
	Account  string
	From     string
	FromName string
	// To lists our addresses the message may be for, the surest first.
	To                  []string
	Subject, Body, HTML string
	// EmailMessageID, InReplyTo and References are RFC 5322 identifiers without angle brackets.
	EmailMessageID string
	InReplyTo      string
	References     []string
	// Cc lists who else an e-mail was written to, ours and others', normalised.
	Cc []string
	// Aliases lists further addresses of the customer on the channel, such as the phone number beside a business-scoped id.
	Aliases []string
	// Automatic tells that a program wrote it (RFC 3834, and the older Precedence), as far as it says so.
	Automatic bool
	// ReplyBody is Body without what it quotes, where the provider splits it off; empty else.
	ReplyBody string
	// ReplyToExternalID is the provider's id of the message this one answers; empty when it does not say.
	ReplyToExternalID string
	Media             []Media
	OccurredAt        time.Time
	// OptOut is the provider's own word for a message that it took for a command, such as STOP, START or HELP, and has
	// acted on and answered itself; empty when it says nothing.
	OptOut string
	// Part is what of the webhook's body tells this, where one webhook brings several things; as in Receipt.
	Part []byte
}

// Media is a file that the provider keeps for us for a while, at URL, or that the webhook brings: Content.
type Media struct {
	URL, ContentType, Filename, ContentID string
	Content                               []byte
}

// Receipt is the news of an outbound message.
type Receipt struct {
	Kind       Kind
	ExternalID string
	// WorkspaceID, MessageID and Attempt are ours when the provider carried them back.
	WorkspaceID, MessageID string
	Attempt                int
	// Account is the provider's account id and From our address: they find the workspace when none of our ids came
	// back. Either may be empty.
	Account, From string
	// Status is empty when the provider's word is not one we know: the word is kept and moves nothing.
	Status         Status
	ProviderStatus string
	Failure        *Failure
	OccurredAt     time.Time
	// EmailMessageID is the Message-ID on the wire, without angle brackets.
	EmailMessageID string
	// Segments is how many segments the provider counted; 0 when it does not say.
	Segments int
	// DedupeKey names the fact: the provider repeats it when it repeats the webhook.
	DedupeKey string
	// Part is what of the webhook's body tells this, where one webhook tells several things: they may be of several
	// workspaces, and none may see another's.
	Part []byte
}
