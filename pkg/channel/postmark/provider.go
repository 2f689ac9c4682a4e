// Package postmark is e-mail through Postmark.
//
// The client is our own, because the one Go SDK knows neither a context nor a message stream. Postmark signs no
// webhook: it proves itself with the user and the password that stand in the webhook's URL.
package postmark

import (
	"cmp"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const name = "postmark"

// Fields of a credential.
const (
	fieldToken    = "server_token"
	fieldUser     = "webhook_user"
	fieldPassword = "webhook_password"
	fieldFrom     = "from_email"
	fieldStream   = "message_stream"
	fieldBase     = "base_url"
)

const (
	defaultBase = "https://api.postmarkapp.com/"
	// defaultStream is the transactional stream that every server has.
	defaultStream = "outbound"
)

// Provider is the vendor.
type Provider struct{}

var _ channel.Provider = Provider{}

// New makes the provider.
func New() Provider { return Provider{} }

// Describe implements channel.Provider. Postmark publishes no rate and knows no idempotency key.
func (Provider) Describe() channel.Description {
	reply := func(status int, body string) channel.Reply {
		return channel.Reply{Status: status, ContentType: "application/json", Body: body}
	}
	return channel.Description{
		Name: name, Title: "Postmark", Channels: []channel.Kind{channel.Email}, Fields: fields(),
		Limits: map[channel.Kind]channel.Limits{channel.Email: limits()},
		Replies: channel.Replies{
			OK: reply(http.StatusOK, `{}`),
			// After a 403 Postmark would never come again, also when the password is put right.
			BadSignature: reply(http.StatusUnauthorized, `{"error":"bad credentials"}`),
			Unparsable:   reply(http.StatusOK, `{}`), // kept, and asking again would bring the same
			Unavailable:  reply(http.StatusServiceUnavailable, `{"error":"try again"}`),
		},
	}
}

// limits are the documented ones: 10 MB for the whole e-mail, of which base64 takes a third and its lines some more.
func limits() channel.Limits {
	return channel.Limits{
		MaxTotalBytes: 7 << 20, MaxRecipients: 50, MaxBody: 5_000_000,
		RefusedExtensions: strings.Fields(`.vbs .exe .bin .bat .chm .com .cpl .crt .hlp .hta .inf .ins .isp .jse .lnk .mdb .pcd
			.pif .reg .scr .sct .shs .vbe .vba .wsf .wsh .wsl .msc .msi .msp .mst`),
	}
}

func fields() []channel.Field {
	return []channel.Field{
		{
			Name: fieldToken, Label: "Server API token", Help: "On the server's page, under API Tokens.",
			Secret: true, Required: true, Env: "POSTMARK_API_KEY",
		},
		{
			Name: fieldUser, Label: "Webhook user", Help: "Put user:password@ before the host in the URL of each webhook.",
			Required: true, Env: "POSTMARK_WEBHOOK_USER",
		},
		{
			Name: fieldPassword, Label: "Webhook password", Help: "Long and random: it is the only proof that a webhook is genuine.",
			Secret: true, Required: true, Env: "POSTMARK_WEBHOOK_PASSWORD",
		},
		{
			Name: fieldFrom, Label: "From address",
			Help:     "A confirmed sender signature or an address of a verified domain; a name may stand before it.",
			Required: true, Env: "POSTMARK_FROM_EMAIL", AddressOf: channel.Email,
		},
		{
			Name: fieldStream, Label: "Message stream", Help: "Leave empty for " + defaultStream,
			Env: "POSTMARK_MESSAGE_STREAM",
		},
		{
			Platform: true, Name: fieldBase, Label: "API base URL", Help: "Leave empty for " + defaultBase,
			Env: "POSTMARK_BASE_URL",
		},
	}
}

// Connect implements channel.Provider.
func (Provider) Connect(credential channel.Credential, client *http.Client) (channel.Connection, error) {
	for _, field := range []string{fieldToken, fieldUser, fieldPassword} {
		if credential[field] == "" {
			return nil, fmt.Errorf("connecting: %s is missing: %w", field, channel.ErrInvalidCredential)
		}
	}
	if strings.Contains(credential[fieldUser], ":") {
		return nil, fmt.Errorf("connecting: %s holds a colon, which ends it: %w", fieldUser, channel.ErrInvalidCredential)
	}
	from, err := mail.ParseAddress(credential[fieldFrom])
	if err != nil {
		return nil, fmt.Errorf("connecting: %s is no address: %w", fieldFrom, channel.ErrInvalidCredential)
	}
	base, err := channel.ParseBaseURL(cmp.Or(credential[fieldBase], defaultBase))
	if err != nil {
		return nil, fmt.Errorf("connecting: reading %s: %w", fieldBase, err)
	}
	return &connection{
		api:  channel.NewAPI(client, credential[fieldToken], credential[fieldPassword]),
		base: base, token: credential[fieldToken], from: *from,
		stream: cmp.Or(credential[fieldStream], defaultStream),
		user:   digest(credential[fieldUser]), password: digest(credential[fieldPassword]),
	}, nil
}

// connection is the provider with one credential; nothing in it changes.
type connection struct {
	api            *channel.API
	base           *url.URL
	token, stream  string
	from           mail.Address
	user, password []byte
}

var (
	_ channel.Connection = (*connection)(nil)
	_ channel.Finder     = (*connection)(nil)
	_ channel.Lister     = (*connection)(nil)
)
