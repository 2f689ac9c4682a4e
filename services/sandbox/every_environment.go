package sandbox

import (
	"maps"
	"strings"
)

// EveryEnvironment gives the value of every provider's variable, also of those that Environment leaves out.
func EveryEnvironment(sandboxURL string) map[string]string {
	base := strings.TrimRight(sandboxURL, "/")
	every := Environment(sandboxURL)
	maps.Copy(every, map[string]string{
		"SIGNALWIRE_WHATSAPP_NUMBER": SignalWireNumber,

		"TWILIO_BASE_URL":        base + "/twilio",
		"TWILIO_ACCOUNT_SID":     TwilioAccount,
		"TWILIO_AUTH_TOKEN":      TwilioToken,
		"TWILIO_PHONE_NUMBER":    TwilioNumber,
		"TWILIO_WHATSAPP_NUMBER": TwilioNumber,

		"SENDGRID_BASE_URL":           base + "/sendgrid",
		"SENDGRID_API_KEY":            SendGridKey,
		"SENDGRID_WEBHOOK_PUBLIC_KEY": SendGridWebhookPublicKey,
		"SENDGRID_PARSE_PUBLIC_KEY":   SendGridParsePublicKey,
		"SENDGRID_FROM_EMAIL":         SendGridFrom,

		"POSTMARK_BASE_URL":         base + "/postmark",
		"POSTMARK_API_KEY":          PostmarkToken,
		"POSTMARK_WEBHOOK_USER":     PostmarkWebhookUser,
		"POSTMARK_WEBHOOK_PASSWORD": PostmarkWebhookPassword,
		"POSTMARK_FROM_EMAIL":       PostmarkFrom,
	})
	return every
}
