package provider

import "net/url"

// IsURL tells an address that a provider could call.
func IsURL(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Host != "" && (parsed.Scheme == "http" || parsed.Scheme == "https")
}
