// Package signalwire is SMS, MMS and calls through SignalWire's compatibility API, with the payloads of its REST API
// read as well. WhatsApp is on the REST API alone, which the vendor calls an alpha and opens to a space by request: it is
// there only with a number for it, and labelled as experimental.
//
// Own client: the vendors' libraries for Go cannot read this API's answers. There is no idempotent send, so a message
// of unknown outcome is looked up by list.
package signalwire

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const name = "signalwire"

// Fields of a credential.
const (
	fieldProject = "project_id"
	fieldToken   = "token"
	fieldSigning = "signing_key"
	fieldSpace   = "space_url"
	fieldNumber  = "phone_number"
	fieldChat    = "whatsapp_number"
)

const emptyDocument = `<?xml version="1.0" encoding="UTF-8"?><Response/>`

// sendsPerSecond is the API's own limit: 13,800 calls in 10 seconds. What is above the rate of a number is queued by
// the provider, in order, and refused only when the number's backlog of 10,000 is full.
const sendsPerSecond = 1380

// callsPerSecond is how many calls the provider places; what is above it waits there.
const callsPerSecond = 1

// Provider is the vendor.
type Provider struct{}

var _ channel.Provider = Provider{}

// New makes the provider.
func New() Provider { return Provider{} }

// Describe implements channel.Provider.
func (Provider) Describe() channel.Description {
	reply := func(status int) channel.Reply {
		return channel.Reply{Status: status, ContentType: "text/xml; charset=utf-8", Body: emptyDocument}
	}
	return channel.Description{
		Name: name, Title: "SignalWire", Channels: []channel.Kind{channel.SMS, channel.Call, channel.WhatsApp},
		Experimental: []channel.Kind{channel.WhatsApp},
		Fields: []channel.Field{
			{
				Name: fieldProject, Label: "Project ID", Help: "Under API in your SignalWire space.",
				Required: true, Env: "SIGNALWIRE_PROJECT_ID", Account: true,
			},
			{
				Name: fieldToken, Label: "API token", Help: "A token with the scopes Messaging, Voice and Numbers.",
				Secret: true, Required: true, Env: "SIGNALWIRE_TOKEN",
			},
			{
				Name: fieldSigning, Label: "Signing key",
				Help:   "Begins with PSK_. It proves that a webhook is genuine and is not the API token.",
				Secret: true, Required: true, Env: "SIGNALWIRE_SIGNING_KEY",
			},
			{
				Name: fieldSpace, Label: "Space URL", Help: "For example example.signalwire.com.",
				Required: true, Env: "SIGNALWIRE_SPACE_URL",
			},
			{
				Name: fieldNumber, Label: "Phone number", Help: "The number messages and calls leave from, as +14155550123.",
				Required: true, Env: "SIGNALWIRE_PHONE_NUMBER", AddressOf: channel.SMS,
			},
			{
				Name: fieldChat, Label: "WhatsApp number (alpha)",
				Help: "The number that SignalWire has set up for WhatsApp, an early access to its alpha. Leave empty when there is none.",
				Env:  "SIGNALWIRE_WHATSAPP_NUMBER", AddressOf: channel.WhatsApp,
			},
		},
		SendsPerSecond: sendsPerSecond, Rates: map[channel.Kind]float64{channel.Call: callsPerSecond},
		Limits:  limits(),
		Windows: map[channel.Kind]time.Duration{channel.WhatsApp: window},
		UnitCosts: []channel.UnitCost{
			{Meter: "sms", Currency: "USD", Micros: 7_900}, {Meter: "call_minute", Currency: "USD", Micros: 10_000},
		},
		Replies: channel.Replies{
			OK:           reply(http.StatusOK),
			BadSignature: reply(http.StatusForbidden),
			Unparsable:   reply(http.StatusOK), // kept, and asking again would bring the same
			Unavailable:  reply(http.StatusServiceUnavailable),
		},
	}
}

// Connect implements channel.Provider.
func (Provider) Connect(credential channel.Credential, client *http.Client) (channel.Connection, error) {
	for _, field := range []string{fieldProject, fieldToken, fieldSigning, fieldSpace, fieldNumber} {
		if credential[field] == "" {
			return nil, fmt.Errorf("connecting: %s is missing: %w", field, channel.ErrInvalidCredential)
		}
	}
	number, err := channel.NormalizeAddress(channel.SMS, credential[fieldNumber])
	if err != nil {
		return nil, fmt.Errorf("connecting: %s is no phone number: %w", fieldNumber, channel.ErrInvalidCredential)
	}
	chat := ""
	if text := credential[fieldChat]; text != "" {
		if chat, err = channel.NormalizeAddress(channel.SMS, text); err != nil {
			return nil, fmt.Errorf("connecting: %s is no phone number: %w", fieldChat, channel.ErrInvalidCredential)
		}
	}
	base, err := channel.ParseBaseURL(credential[fieldSpace])
	if err != nil {
		return nil, fmt.Errorf("connecting: reading %s: %w", fieldSpace, err)
	}
	basic := base64.StdEncoding.EncodeToString([]byte(credential[fieldProject] + ":" + credential[fieldToken]))
	return &connection{
		api:       channel.NewAPI(client, basic, credential[fieldToken], credential[fieldSigning]),
		account:   base.JoinPath("api/laml/2010-04-01/Accounts", url.PathEscape(credential[fieldProject])),
		messaging: base.JoinPath("api/messaging"),
		project:   credential[fieldProject], token: credential[fieldToken],
		signingKey: []byte(credential[fieldSigning]), number: number, chatNumber: chat,
	}, nil
}

// connection is the provider with one credential; nothing that it says changes.
type connection struct {
	api *channel.API
	// account is where the compatibility API serves the project, messaging where the REST API does.
	account, messaging *url.URL
	project, token     string
	signingKey         []byte
	macs               sync.Pool // of hash.Hash with the signing key
	// number is what texts leave from, chatNumber what WhatsApp messages do; it may be empty.
	number, chatNumber string
}

var (
	_ channel.Connection = (*connection)(nil)
	_ channel.Likener    = (*connection)(nil)
	_ channel.Lister     = (*connection)(nil)
)
