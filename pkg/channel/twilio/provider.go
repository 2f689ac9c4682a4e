// Package twilio is SMS, MMS and WhatsApp through Twilio's Programmable Messaging, and its calls.
//
// The vendor's SDK builds the requests; ours is the client that sends them, because the SDK's knows no context and no
// other place than its own. What came of a request is read from the answer our own transport recorded, never from the
// SDK's error. Webhooks are verified by our own code: the SDK's validator refuses some that are genuine. There is no
// idempotent send, so a message of unknown outcome is looked up by list.
package twilio

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const (
	name        = "twilio"
	defaultBase = "https://api.twilio.com/"
	// contentHost serves the templates.
	contentHost = "content.twilio.com"
)

// Fields of a credential.
const (
	fieldAccount   = "account_sid"
	fieldToken     = "auth_token"
	fieldKey       = "api_key_sid"
	fieldKeySecret = "api_key_secret"
	fieldNumber    = "phone_number"
	fieldChat      = "whatsapp_number"
	fieldService   = "messaging_service_sid"
	fieldBase      = "base_url"
)

const emptyDocument = `<?xml version="1.0" encoding="UTF-8"?><Response/>`

// Provider is the vendor.
type Provider struct{}

var _ channel.Provider = Provider{}

// New makes the provider.
func New() Provider { return Provider{} }

// Describe implements channel.Provider. No rate is given: the API's limit is not published, and what is above the rate
// of a number is queued by the provider, in order, for hours.
func (Provider) Describe() channel.Description {
	reply := func(status int) channel.Reply {
		return channel.Reply{Status: status, ContentType: "text/xml; charset=utf-8", Body: emptyDocument}
	}
	return channel.Description{
		Name: name, Title: "Twilio", Channels: []channel.Kind{channel.SMS, channel.Call, channel.WhatsApp}, Fields: fields(),
		Limits: limits(), AnswersKeywords: []channel.Kind{channel.SMS},
		Windows: map[channel.Kind]time.Duration{channel.WhatsApp: window},
		Replies: channel.Replies{
			OK:           reply(http.StatusOK),
			BadSignature: reply(http.StatusForbidden),
			Unparsable:   reply(http.StatusOK), // kept, and asking again would bring the same
			Unavailable:  reply(http.StatusServiceUnavailable),
		},
	}
}

func fields() []channel.Field {
	return []channel.Field{
		{
			Name: fieldAccount, Label: "Account SID", Help: "Begins with AC; on the first page of the Twilio console.",
			Required: true, Env: "TWILIO_ACCOUNT_SID", Account: true,
		},
		{
			Name: fieldToken, Label: "Auth token",
			Help:   "The primary auth token. It proves that a webhook is genuine, also where an API key does the sending.",
			Secret: true, Required: true, Env: "TWILIO_AUTH_TOKEN",
		},
		{
			Name: fieldKey, Label: "API key SID",
			Help: "Begins with SK. Leave empty to send with the auth token.", Env: "TWILIO_API_KEY_SID",
		},
		{
			Name: fieldKeySecret, Label: "API key secret", Help: "Shown once, when the API key is created.",
			Secret: true, Env: "TWILIO_API_KEY_SECRET",
		},
		{
			Name: fieldNumber, Label: "Phone number", Help: "The number messages and calls leave from, as +14155550123.",
			Required: true, Env: "TWILIO_PHONE_NUMBER", AddressOf: channel.SMS,
		},
		{
			Name: fieldChat, Label: "WhatsApp number",
			Help: "The number registered as a WhatsApp sender, as +14155550123. Leave empty when there is none.",
			Env:  "TWILIO_WHATSAPP_NUMBER", AddressOf: channel.WhatsApp,
		},
		{
			Name: fieldService, Label: "Messaging service SID",
			Help: "Begins with MG. The phone number must be one of its senders. Leave empty to use none.",
			Env:  "TWILIO_MESSAGING_SERVICE_SID",
		},
		{
			Platform: true, Name: fieldBase, Label: "API base URL", Help: "Leave empty for " + defaultBase, Env: "TWILIO_BASE_URL",
		},
	}
}

// Connect implements channel.Provider.
func (Provider) Connect(credential channel.Credential, httpClient *http.Client) (channel.Connection, error) {
	for _, field := range []string{fieldAccount, fieldToken, fieldNumber} {
		if credential[field] == "" {
			return nil, fmt.Errorf("connecting: %s is missing: %w", field, channel.ErrInvalidCredential)
		}
	}
	account := login{user: credential[fieldAccount], password: credential[fieldToken]}
	if strings.Trim(account.user, sidLetters) != "" {
		return nil, fmt.Errorf("connecting: %s is no account SID: %w", fieldAccount, channel.ErrInvalidCredential)
	}
	sender, err := senderLogin(credential, account)
	if err != nil {
		return nil, err
	}
	number, err := channel.NormalizeAddress(channel.SMS, credential[fieldNumber])
	if err != nil {
		return nil, fmt.Errorf("connecting: %s is no phone number: %w", fieldNumber, channel.ErrInvalidCredential)
	}
	chat := ""
	if text := credential[fieldChat]; text != "" {
		if chat, err = channel.NormalizeAddress(channel.WhatsApp, text); err != nil {
			return nil, fmt.Errorf("connecting: %s is no phone number: %w", fieldChat, channel.ErrInvalidCredential)
		}
	}
	base, err := channel.ParseBaseURL(cmp.Or(credential[fieldBase], defaultBase))
	if err != nil {
		return nil, fmt.Errorf("connecting: reading %s: %w", fieldBase, err)
	}
	return &connection{
		api:  channel.NewAPI(httpClient, account.basic(), sender.basic(), account.password, sender.password),
		base: base, account: account, sender: sender, number: number, chatNumber: chat, service: credential[fieldService],
	}, nil
}

// sidLetters are the characters of an account SID, which becomes part of a path.
const sidLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// senderLogin is the API key where there is one, else the account itself.
func senderLogin(credential channel.Credential, account login) (login, error) {
	key := login{user: credential[fieldKey], password: credential[fieldKeySecret]}
	switch {
	case key == login{}:
		return account, nil
	case key.user == "":
		return login{}, fmt.Errorf("connecting: %s is missing: %w", fieldKey, channel.ErrInvalidCredential)
	case key.password == "":
		return login{}, fmt.Errorf("connecting: %s is missing: %w", fieldKeySecret, channel.ErrInvalidCredential)
	default:
		return key, nil
	}
}

// login is a user and a password of the API.
type login struct{ user, password string }

func (l login) basic() string {
	return base64.StdEncoding.EncodeToString([]byte(l.user + ":" + l.password))
}

// connection is the provider with one credential; nothing in it changes.
type connection struct {
	api  *channel.API
	base *url.URL
	// account is the account SID with the auth token; sender is what messages are sent with: account, or an API key.
	account, sender login
	macs            sync.Pool // of hash.Hash with the auth token
	// number is what texts leave from, chatNumber what WhatsApp messages do; it may be empty.
	number, chatNumber, service string
}

var (
	_ channel.Connection = (*connection)(nil)
	_ channel.Likener    = (*connection)(nil)
	_ channel.Lister     = (*connection)(nil)
	_ channel.Templater  = (*connection)(nil)
)
