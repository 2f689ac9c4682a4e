package channel

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ParseBaseURL reads the base of a provider's API out of a credential: a host alone, or a URL without user, query and
// fragment. Plain http is for a stand-in on this machine alone. The path ends in a slash, so that relative references
// extend it. It returns ErrInvalidCredential.
func ParseBaseURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	base, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: it is no URL", ErrInvalidCredential)
	}
	switch {
	case base.Hostname() == "" || base.Opaque != "":
		return nil, fmt.Errorf("%w: it names no host", ErrInvalidCredential)
	case base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, fmt.Errorf("%w: a base URL has no user, query or fragment", ErrInvalidCredential)
	case base.Scheme != "https" && (base.Scheme != "http" || !isLoopback(base.Hostname())):
		return nil, fmt.Errorf("%w: it must begin with https://", ErrInvalidCredential)
	}
	return base.JoinPath("/"), nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// StandardPort is the port of a scheme that a URL need not name; empty for a scheme other than those of the web.
func StandardPort(scheme string) string {
	switch strings.ToLower(scheme) {
	case "https":
		return "443"
	case "http":
		return "80"
	default:
		return ""
	}
}
