package signalwire

import (
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// record is a text as the provider keeps it.
type record struct {
	sid, from, to, body string
	media               []string
	// files are what the addresses in media gave, or what the customer sent.
	files   []world.File
	inbound bool
	created time.Time
	// steps are the statuses in their order, each with the time from which it holds.
	steps []step
}

type step struct {
	status string
	at     time.Time
	code   string
}

func (r record) size() int {
	size := 512 + len(r.body)
	for _, file := range r.files {
		size += 128 + len(file.Content)
	}
	return size
}

// numMedia is how many files the text has.
func (r record) numMedia() int { return max(len(r.media), len(r.files)) }

// status is the step the text has reached.
func (r record) status(now time.Time) step {
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
		if (next.status == "sent" || next.status == "received") && !next.at.After(now) {
			return &next.at
		}
	}
	return nil
}

// resource is the text as the API tells it.
type resource struct {
	AccountSid          string            `json:"account_sid"`
	APIVersion          string            `json:"api_version"`
	Body                string            `json:"body"`
	NumSegments         int               `json:"num_segments"`
	NumMedia            int               `json:"num_media"`
	DateCreated         string            `json:"date_created"`
	DateSent            *string           `json:"date_sent"`
	DateUpdated         string            `json:"date_updated"`
	Direction           string            `json:"direction"`
	ErrorCode           *string           `json:"error_code"`
	ErrorMessage        *string           `json:"error_message"`
	From                string            `json:"from"`
	Price               *float64          `json:"price"`
	PriceUnit           string            `json:"price_unit"`
	Sid                 string            `json:"sid"`
	Status              string            `json:"status"`
	To                  string            `json:"to"`
	MessagingServiceSid *string           `json:"messaging_service_sid"`
	URI                 string            `json:"uri"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
}

const pricePerSegment = 0.005

func (a *API) resource(r record, now time.Time) resource {
	reached, path := r.status(now), a.path("/Messages/"+r.sid)
	price := pricePerSegment * float64(sms.Segments(r.body))
	told := resource{
		AccountSid: a.config.Project, APIVersion: "2010-04-01", Body: r.body,
		NumSegments: sms.Segments(r.body), NumMedia: r.numMedia(),
		DateCreated: formatTime(r.created), DateUpdated: formatTime(reached.at), Direction: "outbound-api",
		From: r.from, To: r.to, Price: &price, PriceUnit: "USD", Sid: r.sid, Status: reached.status,
		URI: path, SubresourceURIs: map[string]string{"media": path + "/Media"},
	}
	if r.inbound {
		told.Direction = "inbound"
	}
	if at := r.sentAt(now); at != nil {
		text := formatTime(*at)
		told.DateSent = &text
	}
	if reached.code != "" {
		message := errorText(reached.code)
		told.ErrorCode, told.ErrorMessage = &reached.code, &message
	}
	return told
}

func errorText(code string) string {
	switch code {
	case codeUnreachable:
		return "Unreachable destination handset"
	case codeFile:
		return "Media failed to download"
	}
	return "Unknown error"
}

// message is the text as the customer sees it.
func (r record) message() world.Message {
	told := world.Message{
		ID: r.sid, ExternalID: r.sid, Provider: Name, Channel: world.SMS, Customer: r.to, Business: r.from,
		From: r.from, To: r.to, Body: r.body, At: r.created, Files: r.files,
	}
	if len(r.media) > 0 {
		told.Media = r.media[0]
	}
	if r.inbound {
		told.Customer, told.Business, told.Written, told.State = r.from, r.to, true, world.Pending
	}
	return told
}
