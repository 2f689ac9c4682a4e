// Package resend is e-mail through Resend.
//
// The vendor's SDK makes the requests; what they hold is our own, because the SDK writes files at four times their size,
// and what came of them is read from the answer our own transport recorded, because the SDK loses the error's name and
// its status. Webhooks are verified by our own code: the SDK
// takes any signature version and an empty key.
package resend

import (
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"time"

	sdk "github.com/resend/resend-go/v2"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const name = "resend"

// Fields of a credential.
const (
	fieldKey    = "api_key"
	fieldSecret = "webhook_secret"
	fieldFrom   = "from_email"
	fieldBase   = "base_url"
)

const (
	defaultBase       = "https://api.resend.com/"
	idempotencyWindow = 24 * time.Hour
	// sendsPerSecond is the documented default of a team.
	sendsPerSecond = 2
	// maxReceived bounds a received e-mail: the provider's own limit for a message.
	maxReceived = 40 << 20
)

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
		Name: name, Title: "Resend", Channels: []channel.Kind{channel.Email},
		Fields: []channel.Field{
			{
				Name: fieldKey, Label: "API key", Help: "Receiving needs a key with full access.",
				Secret: true, Required: true, Env: "RESEND_API_KEY",
			},
			{
				Name: fieldSecret, Label: "Webhook signing secret",
				Help:   "Begins with whsec_ and is shown once, when the webhook is created.",
				Secret: true, Required: true, Env: "RESEND_WEBHOOK_SECRET",
			},
			{
				Name: fieldFrom, Label: "From address", Help: "An address of a verified domain; a name may stand before it.",
				Required: true, Env: "RESEND_FROM_EMAIL", AddressOf: channel.Email,
			},
			{
				Platform: true, Name: fieldBase, Label: "API base URL", Help: "Leave empty for " + defaultBase,
				Env: "RESEND_BASE_URL",
			},
		},
		Limits:            map[channel.Kind]channel.Limits{channel.Email: limits()},
		IdempotencyWindow: idempotencyWindow,
		SendsPerSecond:    sendsPerSecond,
		Replies: channel.Replies{
			OK:           reply(http.StatusOK, `{}`),
			BadSignature: reply(http.StatusUnauthorized, `{"error":"bad signature"}`),
			Unparsable:   reply(http.StatusOK, `{}`), // kept, and asking again would bring the same
			Unavailable:  reply(http.StatusServiceUnavailable, `{"error":"try again"}`),
		},
	}
}

// limits are the documented ones: 40 MB for the whole e-mail, of which base64 takes a third and its lines some more.
func limits() channel.Limits {
	return channel.Limits{
		MaxTotalBytes: 29 << 20, MaxRecipients: 50,
		RefusedExtensions: strings.Fields(`.adp .app .asp .bas .bat .cer .chm .cmd .com .cpl .crt .csh .der .exe .fxp .gadget
			.hlp .hta .inf .ins .isp .its .js .jse .ksh .lib .lnk .mad .maf .mag .mam .maq .mar .mas .mat .mau .mav .maw .mda
			.mdb .mde .mdt .mdw .mdz .msc .msh .msh1 .msh2 .mshxml .msh1xml .msh2xml .msi .msp .mst .ops .pcd .pif .plg .prf
			.prg .reg .scf .scr .sct .shb .shs .sys .ps1 .ps1xml .ps2 .ps2xml .psc1 .psc2 .tmp .url .vb .vbe .vbs .vps
			.vsmacros .vss .vst .vsw .vxd .ws .wsc .wsf .wsh .xnk`),
	}
}

// Connect implements channel.Provider.
func (Provider) Connect(credential channel.Credential, client *http.Client) (channel.Connection, error) {
	if credential[fieldKey] == "" {
		return nil, fmt.Errorf("connecting: %s is missing: %w", fieldKey, channel.ErrInvalidCredential)
	}
	secret, err := signingKey(credential[fieldSecret])
	if err != nil {
		return nil, fmt.Errorf("connecting: reading %s: %w", fieldSecret, err)
	}
	from, err := mail.ParseAddress(credential[fieldFrom])
	if err != nil {
		return nil, fmt.Errorf("connecting: %s is no address: %w", fieldFrom, channel.ErrInvalidCredential)
	}
	base := credential[fieldBase]
	if base == "" {
		base = defaultBase
	}
	at, err := channel.ParseBaseURL(base)
	if err != nil {
		return nil, fmt.Errorf("connecting: reading %s: %w", fieldBase, err)
	}
	api := channel.NewAPI(client, credential[fieldKey], credential[fieldSecret])
	vendor := sdk.NewCustomClient(api.Client(), credential[fieldKey])
	vendor.BaseURL = at
	return &connection{api: api, vendor: vendor, secret: secret, from: *from}, nil
}

// connection is the provider with one credential; nothing in it changes.
type connection struct {
	api    *channel.API
	vendor *sdk.Client
	secret []byte
	from   mail.Address
}

var (
	_ channel.Connection = (*connection)(nil)
	_ channel.Completer  = (*connection)(nil)
	_ channel.Lister     = (*connection)(nil)
)
