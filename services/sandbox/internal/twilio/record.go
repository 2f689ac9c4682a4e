package twilio

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// The statuses of a text.
const (
	statusQueued      = "queued"
	statusAccepted    = "accepted"
	statusSending     = "sending"
	statusSent        = "sent"
	statusDelivered   = "delivered"
	statusUndelivered = "undelivered"
	statusReceived    = "received"
	statusRead        = "read"
)

// newSID makes the id of a text; one with files has an id of another beginning.
func newSID(media bool) string {
	digits := strings.ReplaceAll(uuid.NewString(), "-", "")
	if media {
		return "MM" + digits
	}
	return "SM" + digits
}

// record is a text as the provider keeps it.
type record struct {
	sid, from, to, body, service string
	media                        []string
	// files are what the addresses in media gave, or what the customer sent.
	files []world.File
	// chat tells a message of WhatsApp; template, buttons and answered belong to such.
	chat     bool
	template string
	buttons  []string
	answered string
	// callback is where news of the message goes.
	callback string
	inbound  bool
	created  time.Time
	// steps are the statuses in their order, each with the time from which it holds.
	steps []step
}

type step struct {
	status string
	at     time.Time
	code   int
}

func (r record) size() int {
	size := 512 + len(r.body)
	for _, file := range r.files {
		size += 128 + len(file.Content)
	}
	return size
}

// numMedia is how many files the message has.
func (r record) numMedia() string { return strconv.Itoa(max(len(r.media), len(r.files))) }

// wire is an address as the API writes it: with its channel before it where that is not the usual one.
func (r record) wire(address string) string {
	if r.chat {
		return chatPrefix + address
	}
	return address
}

// reached is the step the text has come to.
func (r record) reached(now time.Time) step {
	reached := r.steps[0]
	for _, next := range r.steps {
		if !next.at.After(now) {
			reached = next
		}
	}
	return reached
}

// sentAt is when the text left, nil before that.
func (r record) sentAt(now time.Time) *time.Time {
	for _, next := range r.steps {
		if (next.status == statusSent || next.status == statusReceived) && !next.at.After(now) {
			return &next.at
		}
	}
	return nil
}

// resource is the text as the API tells it: its counts are texts, its error code is a number.
type resource struct {
	AccountSid          string            `json:"account_sid"`
	APIVersion          string            `json:"api_version"`
	Body                string            `json:"body"`
	NumSegments         string            `json:"num_segments"`
	NumMedia            string            `json:"num_media"`
	DateCreated         string            `json:"date_created"`
	DateSent            *string           `json:"date_sent"`
	DateUpdated         string            `json:"date_updated"`
	Direction           string            `json:"direction"`
	ErrorCode           *int              `json:"error_code"`
	ErrorMessage        *string           `json:"error_message"`
	From                string            `json:"from"`
	Price               *string           `json:"price"`
	PriceUnit           string            `json:"price_unit"`
	Sid                 string            `json:"sid"`
	Status              string            `json:"status"`
	To                  string            `json:"to"`
	MessagingServiceSid *string           `json:"messaging_service_sid"`
	URI                 string            `json:"uri"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
}

func (a *API) resource(r record, now time.Time) resource {
	reached, path := r.reached(now), a.path("/Messages/"+r.sid)
	told := resource{
		AccountSid: a.config.Account, APIVersion: version, Body: r.body,
		NumSegments: strconv.Itoa(sms.Segments(r.body)), NumMedia: r.numMedia(),
		DateCreated: formatTime(r.created), DateUpdated: formatTime(reached.at), Direction: "outbound-api",
		From: r.wire(r.from), PriceUnit: "USD", Sid: r.sid, Status: reached.status, To: r.wire(r.to),
		URI: path + ".json", SubresourceURIs: map[string]string{"media": path + "/Media.json"},
	}
	if r.inbound {
		told.Direction = "inbound"
	}
	if r.service != "" {
		told.MessagingServiceSid = &r.service
	}
	if at := r.sentAt(now); at != nil {
		text := formatTime(*at)
		told.DateSent = &text
	}
	if reached.code != 0 {
		told.ErrorCode = &reached.code // the sentence stays away: a real account has to look it up as well
	}
	return told
}

// message is the text as the customer sees it.
func (r record) message() world.Message {
	told := world.Message{
		ID: r.sid, ExternalID: r.sid, Provider: Name, Channel: world.SMS, Customer: r.to, Business: r.from,
		From: r.from, To: r.to, Body: r.body, Media: strings.Join(r.media[:min(1, len(r.media))], ""), At: r.created,
		Files: r.files, Buttons: r.buttons, InReplyTo: r.answered,
	}
	if r.chat {
		told.Channel = world.WhatsApp
	}
	if r.template != "" {
		told.Template = &world.Template{ID: r.template, Language: templateLanguage}
	}
	if r.inbound {
		told.Customer, told.Business, told.Written, told.State = r.from, r.to, true, world.Pending
	}
	return told
}
