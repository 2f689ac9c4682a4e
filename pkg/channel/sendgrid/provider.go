// Package sendgrid is e-mail through SendGrid.
//
// The vendor's SDK builds and sends the requests; what came of them is read from the answer our own transport
// recorded, because to the SDK a refusal is no error. Webhooks are verified and read by our own code: the SDK panics on
// a key that is not of an elliptic curve, and on inbound e-mail that is not as it expects.
package sendgrid

import (
	"crypto/ecdsa"
	"fmt"
	"net/http"
	"net/mail"
	"strings"

	"github.com/sendgrid/rest"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const name = "sendgrid"

// Fields of a credential.
const (
	fieldKey      = "api_key"
	fieldEventKey = "webhook_public_key"
	fieldParseKey = "parse_public_key"
	fieldFrom     = "from_email"
	fieldBase     = "base_url"
)

const defaultBase = "https://api.sendgrid.com/"

// Provider is the vendor.
type Provider struct{}

var _ channel.Provider = Provider{}

// New makes the provider.
func New() Provider { return Provider{} }

// Describe implements channel.Provider.
func (Provider) Describe() channel.Description {
	reply := func(status int, body string) channel.Reply {
		return channel.Reply{Status: status, ContentType: "application/json", Body: body}
	}
	return channel.Description{
		Name: name, Title: "SendGrid", Channels: []channel.Kind{channel.Email}, Fields: fields(),
		Limits: map[channel.Kind]channel.Limits{channel.Email: limits()},
		Replies: channel.Replies{
			OK:           reply(http.StatusOK, `{}`),
			BadSignature: reply(http.StatusUnauthorized, `{"error":"bad signature"}`),
			Unparsable:   reply(http.StatusOK, `{}`), // kept, and asking again would bring the same
			Unavailable:  reply(http.StatusServiceUnavailable, `{"error":"try again"}`),
		},
	}
}

// limits are the documented ones: 30 MB for the whole e-mail, of which base64 takes a third and its lines some more.
func limits() channel.Limits {
	return channel.Limits{MaxTotalBytes: 21 << 20, MaxRecipients: 1000}
}

func fields() []channel.Field {
	return []channel.Field{
		{
			Name: fieldKey, Label: "API key", Help: "Needs the scope mail.send.",
			Secret: true, Required: true, Env: "SENDGRID_API_KEY",
		},
		{
			Name: fieldEventKey, Label: "Event webhook verification key",
			Help:     "The public key of the signed event webhook.",
			Required: true, Env: "SENDGRID_WEBHOOK_PUBLIC_KEY",
		},
		{
			Name: fieldParseKey, Label: "Inbound Parse verification key",
			Help: "The public key of the security policy of Inbound Parse. Without it inbound e-mail is not accepted.",
			Env:  "SENDGRID_PARSE_PUBLIC_KEY",
		},
		{
			Name: fieldFrom, Label: "From address", Help: "A verified sender; a name may stand before it.",
			Required: true, Env: "SENDGRID_FROM_EMAIL", AddressOf: channel.Email,
		},
		{
			Platform: true, Name: fieldBase, Label: "API base URL", Help: "Leave empty for " + defaultBase,
			Env: "SENDGRID_BASE_URL",
		},
	}
}

// Connect implements channel.Provider.
func (Provider) Connect(credential channel.Credential, client *http.Client) (channel.Connection, error) {
	if credential[fieldKey] == "" {
		return nil, fmt.Errorf("connecting: %s is missing: %w", fieldKey, channel.ErrInvalidCredential)
	}
	connection := &connection{key: credential[fieldKey]}
	var err error
	if connection.eventKey, err = publicKey(credential[fieldEventKey]); err != nil {
		return nil, fmt.Errorf("connecting: reading %s: %w", fieldEventKey, err)
	}
	if strings.TrimSpace(credential[fieldParseKey]) != "" {
		if connection.parseKey, err = publicKey(credential[fieldParseKey]); err != nil {
			return nil, fmt.Errorf("connecting: reading %s: %w", fieldParseKey, err)
		}
	}
	from, err := mail.ParseAddress(credential[fieldFrom])
	if err != nil {
		return nil, fmt.Errorf("connecting: %s is no address: %w", fieldFrom, channel.ErrInvalidCredential)
	}
	connection.from = *from
	base := credential[fieldBase]
	if base == "" {
		base = defaultBase
	}
	at, err := channel.ParseBaseURL(base)
	if err != nil {
		return nil, fmt.Errorf("connecting: reading %s: %w", fieldBase, err)
	}
	connection.base = strings.TrimSuffix(at.String(), "/")
	connection.api = channel.NewAPI(client, connection.key)
	connection.vendor = &rest.Client{HTTPClient: connection.api.Client()}
	return connection, nil
}

// connection is the provider with one credential; nothing in it changes.
type connection struct {
	api       *channel.API
	vendor    *rest.Client
	key, base string
	from      mail.Address
	eventKey  *ecdsa.PublicKey
	// parseKey is nil when inbound e-mail is not accepted.
	parseKey *ecdsa.PublicKey
}

var _ channel.Connection = (*connection)(nil)
