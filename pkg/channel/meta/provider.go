// Package meta is WhatsApp through Meta's Cloud API.
//
// Own client: the vendor has no library for Go. There is neither an idempotent send nor a look-up, so a message of
// unknown outcome waits for its webhook, which carries our ids back. One app has one webhook for all of its accounts
// and numbers, so a body may hold the news of several workspaces. Webhooks of the vendor's other channels come to the
// same place and concern no message yet.
package meta

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const (
	name           = "meta"
	defaultBase    = "https://graph.facebook.com/"
	defaultVersion = "v23.0"
	// window is how long after a customer's last message free-form answers are taken.
	window = 24 * time.Hour
	// sendsPerSecond is what a number may send at first; the vendor raises it as it sees fit.
	sendsPerSecond = 80
)

// Fields of a credential.
const (
	fieldToken   = "access_token"
	fieldSecret  = "app_secret"
	fieldVerify  = "verify_token"
	fieldAccount = "business_account_id"
	fieldNumber  = "whatsapp_number"
	fieldPhoneID = "phone_number_id"
	fieldBase    = "base_url"
	fieldVersion = "graph_version"
)

// Provider is the vendor.
type Provider struct{}

var _ channel.Provider = Provider{}

// New makes the provider.
func New() Provider { return Provider{} }

// Describe implements channel.Provider.
func (Provider) Describe() channel.Description {
	reply := func(status int, text string) channel.Reply {
		return channel.Reply{Status: status, ContentType: "text/plain; charset=utf-8", Body: text}
	}
	return channel.Description{
		Name: name, Title: "Meta", Channels: []channel.Kind{channel.WhatsApp}, Fields: fields(),
		SendsPerSecond: sendsPerSecond,
		Limits:         map[channel.Kind]channel.Limits{channel.WhatsApp: limits()},
		Windows:        map[channel.Kind]time.Duration{channel.WhatsApp: window},
		Replies: channel.Replies{
			OK:           reply(http.StatusOK, "ok"),
			BadSignature: reply(http.StatusForbidden, "the signature does not match"),
			Unparsable:   reply(http.StatusOK, "kept"), // asking again would bring the same, and too many refusals end the subscription
			Unavailable:  reply(http.StatusServiceUnavailable, "try again"),
		},
	}
}

func fields() []channel.Field {
	return []channel.Field{
		{
			Name: fieldToken, Label: "Access token",
			Help:   "A permanent token of a system user with the permissions whatsapp_business_messaging and whatsapp_business_management.",
			Secret: true, Required: true, Env: "META_ACCESS_TOKEN",
		},
		{
			Name: fieldSecret, Label: "App secret", Help: "Under App settings, Basic. It proves that a webhook is genuine.",
			Secret: true, Required: true, Env: "META_APP_SECRET",
		},
		{
			Name: fieldVerify, Label: "Verify token", Help: "A word of your own choice; enter the same beside the callback URL at Meta.",
			Secret: true, Required: true, Env: "META_VERIFY_TOKEN",
		},
		{
			Name: fieldAccount, Label: "WhatsApp Business account ID", Help: "Under WhatsApp, API setup.",
			Required: true, Env: "META_WHATSAPP_BUSINESS_ACCOUNT_ID", Account: true,
		},
		{
			Name: fieldNumber, Label: "WhatsApp number", Help: "The number messages leave from, as +14155550123.",
			Required: true, Env: "META_WHATSAPP_NUMBER", AddressOf: channel.WhatsApp,
		},
		{
			Name: fieldPhoneID, Label: "Phone number ID",
			Help: "The ID of that number. Leave empty to have it looked up in the account.", Env: "META_WHATSAPP_PHONE_NUMBER_ID",
		},
		{
			Name: fieldVersion, Label: "Graph API version", Help: "Leave empty for " + defaultVersion, Env: "META_GRAPH_VERSION",
		},
		{
			Platform: true, Name: fieldBase, Label: "API base URL", Help: "Leave empty for " + defaultBase, Env: "META_GRAPH_BASE_URL",
		},
	}
}

// isID tells an id of the vendor, which becomes part of a path.
func isID(text string) bool {
	return text != "" && len(text) <= 32 && strings.Trim(text, "0123456789") == ""
}

// isVersion tells a version of the API, such as v23.0.
func isVersion(text string) bool {
	digits, ok := strings.CutPrefix(text, "v")
	major, minor, dotted := strings.Cut(digits, ".")
	return ok && dotted && isID(major) && isID(minor)
}

// Connect implements channel.Provider.
func (Provider) Connect(credential channel.Credential, client *http.Client) (channel.Connection, error) {
	for _, field := range []string{fieldToken, fieldSecret, fieldVerify, fieldAccount, fieldNumber} {
		if credential[field] == "" {
			return nil, fmt.Errorf("connecting: %s is missing: %w", field, channel.ErrInvalidCredential)
		}
	}
	version := cmp.Or(credential[fieldVersion], defaultVersion)
	for field, ok := range map[string]bool{
		fieldVersion: isVersion(version),
		fieldAccount: isID(credential[fieldAccount]),
		fieldPhoneID: credential[fieldPhoneID] == "" || isID(credential[fieldPhoneID]),
	} {
		if !ok {
			return nil, fmt.Errorf("connecting: %s is malformed: %w", field, channel.ErrInvalidCredential)
		}
	}
	number, err := channel.NormalizeAddress(channel.SMS, credential[fieldNumber]) // ours is a number, never a scoped id
	if err != nil {
		return nil, fmt.Errorf("connecting: %s is no phone number: %w", fieldNumber, channel.ErrInvalidCredential)
	}
	base, err := channel.ParseBaseURL(cmp.Or(credential[fieldBase], defaultBase))
	if err != nil {
		return nil, fmt.Errorf("connecting: reading %s: %w", fieldBase, err)
	}
	c := &connection{
		api:    channel.NewAPI(client, credential[fieldToken], credential[fieldSecret], credential[fieldVerify]),
		base:   base,
		root:   base.JoinPath(version),
		token:  credential[fieldToken],
		secret: []byte(credential[fieldSecret]), verify: []byte(credential[fieldVerify]),
		account: credential[fieldAccount], number: number, phoneIDs: map[string]string{}, asking: make(chan struct{}, 1),
	}
	if id := credential[fieldPhoneID]; id != "" {
		c.phoneIDs[number] = id
	}
	return c, nil
}

// connection is the provider with one credential. What changes in it is what is known of the account's numbers.
type connection struct {
	api             *channel.API
	base, root      *url.URL // root is base with the version
	token           string
	secret, verify  []byte
	account, number string

	// asking is held by who asks for the numbers.
	asking   chan struct{}
	mu       sync.Mutex
	phoneIDs map[string]string // by number
}

var (
	_ channel.Connection      = (*connection)(nil)
	_ channel.Completer       = (*connection)(nil)
	_ channel.Handshaker      = (*connection)(nil)
	_ channel.MediaAuthorizer = (*connection)(nil)
	_ channel.Templater       = (*connection)(nil)
)
