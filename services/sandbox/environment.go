package sandbox

import (
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/postmark"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/resend"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sendgrid"
)

// The credentials of the accounts the sandbox plays. None of them opens anything anywhere else.
const (
	SignalWireProject    = "5a4db0c5-0000-4000-8000-000000000001"
	SignalWireToken      = "PT_sandbox_not_a_secret"  //nolint:gosec // obviously no secret
	SignalWireSigningKey = "PSK_sandbox_not_a_secret" //nolint:gosec // obviously no secret
	SignalWireNumber     = "+15002000000"

	TwilioAccount = "AC00000000000000000000000000005a4d"
	TwilioToken   = "twilio_sandbox_not_a_secret" //nolint:gosec // obviously no secret
	// TwilioKey and TwilioKeySecret are an API key, which may send and may not look at the account.
	TwilioKey       = "SK00000000000000000000000000005a4d"
	TwilioKeySecret = "twilio_sandbox_key_not_a_secret" //nolint:gosec // obviously no secret
	TwilioService   = "MG00000000000000000000000000005a4d"
	TwilioNumber    = "+15003000000"

	ResendKey = "re_sandbox_not_a_secret"
	// ResendSendingKey is a key that may send and do nothing else.
	ResendSendingKey = "re_sandbox_sending_only"
	// ResendWebhookSecret holds the base64 of "sandbox-not-a-secret".
	ResendWebhookSecret = "whsec_c2FuZGJveC1ub3QtYS1zZWNyZXQ=" //nolint:gosec // obviously no secret
	ResendFrom          = "hello@" + resend.Domain

	SendGridKey = "SG.sandbox_not_a_secret"
	// SendGridSendingKey is a key that may send and do nothing else.
	SendGridSendingKey = "SG.sandbox_sending_only"
	SendGridFrom       = "hello@" + sendgrid.Domain
	// SendGridWebhookSeed and SendGridParseSeed make the keys that sign; the public keys belong to them.
	SendGridWebhookSeed      = "sandbox-events-not-a-secret"
	SendGridWebhookPublicKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAECh/lbAEToqpmG2bqWqFVUSbsOBMMJYoZ65HaoAF7u3DgAfh1iW2auxbwhr9cqOd3QfMkv6mbujZqVjoDC5vPyw=="
	SendGridParseSeed        = "sandbox-parse-not-a-secret"
	SendGridParsePublicKey   = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzJrXNrmgzI1cNDKdHBTmLeNJCgFO3xOHcdCVA4MhmVCWo5Fy26KPLegZk8+jAzK/TW7uQxhIh/ENRtYDY0wklA=="

	MetaAccount     = "100000000005444"
	MetaToken       = "EAA_sandbox_not_a_secret"  //nolint:gosec // obviously no secret
	MetaAppSecret   = "meta_sandbox_not_a_secret" //nolint:gosec // obviously no secret
	MetaVerifyToken = "verify_sandbox_not_a_secret"
	MetaNumber      = "+15004000000"

	StripeKey           = "sk_test_sandbox_not_a_secret"
	StripeWebhookSecret = "whsec_sandbox_not_a_secret" //nolint:gosec // obviously no secret

	PostmarkToken           = "postmark-sandbox-not-a-secret"
	PostmarkWebhookUser     = "sandbox"
	PostmarkWebhookPassword = "not-a-secret"
	PostmarkFrom            = "hello@" + postmark.Domain
)

// Environment gives the value of every provider's variable that points its adapter at the sandbox at sandboxURL.
func Environment(sandboxURL string) map[string]string {
	base := strings.TrimRight(sandboxURL, "/")
	return map[string]string{
		"SIGNALWIRE_SPACE_URL":    base + "/signalwire",
		"SIGNALWIRE_PROJECT_ID":   SignalWireProject,
		"SIGNALWIRE_TOKEN":        SignalWireToken,
		"SIGNALWIRE_SIGNING_KEY":  SignalWireSigningKey,
		"SIGNALWIRE_PHONE_NUMBER": SignalWireNumber,
		"RESEND_BASE_URL":         base + "/resend",
		"RESEND_API_KEY":          ResendKey,
		"RESEND_WEBHOOK_SECRET":   ResendWebhookSecret,
		"RESEND_FROM_EMAIL":       ResendFrom,

		"STRIPE_BASE_URL":       base, // its SDK takes no path there
		"STRIPE_SECRET_KEY":     StripeKey,
		"STRIPE_WEBHOOK_SECRET": StripeWebhookSecret,

		// Where these are, for accounts that workspaces bring; the platform itself has none there.
		"POSTMARK_BASE_URL": base + "/postmark",
		"SENDGRID_BASE_URL": base + "/sendgrid",
		"TWILIO_BASE_URL":   base + "/twilio",

		"META_GRAPH_BASE_URL":               base + "/meta",
		"META_ACCESS_TOKEN":                 MetaToken,
		"META_APP_SECRET":                   MetaAppSecret,
		"META_VERIFY_TOKEN":                 MetaVerifyToken,
		"META_WHATSAPP_BUSINESS_ACCOUNT_ID": MetaAccount,
		"META_WHATSAPP_NUMBER":              MetaNumber,
	}
}
