package provider

import "sync/atomic"

// Endpoint is the address that an account's news is posted to. As at the real providers it is part of the account: its
// owner may enter another one. It is safe for concurrent use.
type Endpoint struct{ url atomic.Pointer[string] }

// NewEndpoint makes an endpoint.
func NewEndpoint(url string) *Endpoint {
	e := &Endpoint{}
	e.Set(url)
	return e
}

// URL is where news is posted now.
func (e *Endpoint) URL() string { return *e.url.Load() }

// Set enters another address.
func (e *Endpoint) Set(url string) { e.url.Store(&url) }
