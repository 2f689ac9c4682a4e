// Package egress calls hosts that somebody else has named: a tenant, or a provider's webhook. It reaches the public internet
// and what an operator allows, nothing behind it: NewClient for HTTP, DialContext for what speaks another protocol. What is
// refused is a ForbiddenError, which names the host and what helps. Neither bounds a body nor has a deadline for a whole
// call: who reads an answer sets both.
package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	dialTimeout  = 3 * time.Second
	maxRedirects = 5
)

// ErrForbidden is returned for a URL that is not on the public internet, or of another scheme than http and https.
var ErrForbidden = errors.New("the address is not public")

// ForbiddenError is ErrForbidden with the address that was refused.
type ForbiddenError struct{ Address string }

// Error names the address and the remedy.
func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("%v: %s: give one that is, or have the operator allow it", ErrForbidden, e.Address)
}

// Unwrap is ErrForbidden.
func (e *ForbiddenError) Unwrap() error { return ErrForbidden }

// NewClient is a client that reaches public addresses only, and what is allowed: hosts, hosts with their port, and networks
// such as 10.1.0.0/16, which are compared with the address that a name stands for. It has no timeout of its own.
func NewClient(allowed []string) *http.Client {
	return &http.Client{Transport: NewTransport(allowed), CheckRedirect: checkRedirect}
}

// NewTransport is what NewClient calls with. The address is judged after the name was resolved, at the moment of the
// connection, so that no second answer of the name server can slip another one in; each redirect is a new connection and a
// new judgement.
func NewTransport(allowed []string) *http.Transport {
	return &http.Transport{ // no proxy: it would connect in our place
		DialContext:         DialContext(allowed),
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConns:        100,
		IdleConnTimeout:     time.Minute,
		ForceAttemptHTTP2:   true,
	}
}

// DialContext connects under the same judgement, for protocols other than HTTP, such as SMTP.
func DialContext(allowed []string) func(ctx context.Context, network, address string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: dialTimeout}
	guarded := &net.Dialer{Timeout: dialTimeout, Control: refusePrivate(networksOf(allowed))}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if allows(allowed, address) {
			return plain.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	}
}

// networksOf are the networks among what is allowed.
func networksOf(allowed []string) []netip.Prefix {
	var networks []netip.Prefix
	for _, entry := range allowed {
		if network, err := netip.ParsePrefix(entry); err == nil {
			networks = append(networks, network.Masked())
		}
	}
	return networks
}

func checkRedirect(request *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errors.New("too many redirects")
	}
	return CheckScheme(request)
}

// CheckScheme returns ErrForbidden for a request of another scheme than http and https.
func CheckScheme(request *http.Request) error {
	if request.URL.Scheme != "http" && request.URL.Scheme != "https" {
		return fmt.Errorf("%w: scheme %q", ErrForbidden, request.URL.Scheme)
	}
	return nil
}

func allows(allowed []string, address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	matches := func(entry string) bool { return strings.EqualFold(entry, host) || strings.EqualFold(entry, address) }
	return slices.ContainsFunc(allowed, matches)
}

// refusePrivate is called with the address a connection is about to be made to.
func refusePrivate(allowed []netip.Prefix) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil || (!isPublic(target.Addr()) && !contains(allowed, target.Addr())) {
			return &ForbiddenError{Address: address}
		}
		return nil
	}
}

func contains(networks []netip.Prefix, address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	return slices.ContainsFunc(networks, func(network netip.Prefix) bool { return network.Contains(address) })
}

// notPublic lists what the address itself does not tell: networks of special purpose (RFC 6890: IANA's registries
// iana-ipv4-special-registry and iana-ipv6-special-registry), what IPv6 reserves, and its ranges that stand for an IPv4
// address: compatible and translated (::/8), NAT64, Teredo, 6to4.
func notPublic() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
		netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
		netip.MustParsePrefix("::/8"), netip.MustParsePrefix("100::/8"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
		netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("5f00::/16"),
		netip.MustParsePrefix("fec0::/10"),
	}
}

func isPublic(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() {
		return false
	}
	return !contains(notPublic(), address)
}
