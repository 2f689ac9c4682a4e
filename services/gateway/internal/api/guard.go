package api

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/ratelimit"
)

type principalKey struct{}

type addressKey struct{}

// ipv6Network is the length of the network one subscriber has, in bits (RFC 6177).
const ipv6Network = 64

// principalOf is who is calling; every protected operation has one.
func principalOf(ctx context.Context) access.Principal {
	principal, _ := ctx.Value(principalKey{}).(access.Principal)
	return principal
}

// guard authenticates the protected operations and bounds all of them, before anything of the body is read.
func (a *API) guard(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if len(ctx.Operation().Security) == 0 {
		address := a.addressOf(r)
		if a.limited(w, a.deps.Limits.Address, address) {
			return
		}
		next(huma.WithValue(ctx, addressKey{}, address))
		return
	}
	principal, ok := a.admit(w, r)
	if !ok || !isText(w, r) {
		return
	}
	ctx = huma.WithValue(huma.WithValue(ctx, principalKey{}, principal), addressKey{}, a.addressOf(r))
	if !mayEnter(ctx.Context(), ctx.Operation()) {
		WriteProblem(w, notFound())
		return
	}
	leave, ok := a.enter(w, r, ctx.Operation())
	if !ok {
		return
	}
	defer leave()
	next(ctx)
}

// enter bounds what the bodies of large requests take of memory together. When there is no room it has answered.
func (a *API) enter(w http.ResponseWriter, r *http.Request, operation *huma.Operation) (leave func(), ok bool) {
	size := r.ContentLength
	if size < 0 || size > operation.MaxBodyBytes {
		size = operation.MaxBodyBytes
	}
	if size <= maxRequestBytes {
		return func() {}, true
	}
	if !a.room.TryAcquire(size) {
		WriteProblem(w, unavailable(CodeUnavailable, "Too much is being sent at once.", retryBusy))
		readOn(w, r, operation.MaxBodyBytes)
		return nil, false
	}
	return func() { a.room.Release(size) }, true
}

// readOn sends what was answered and reads the body on to the end of what is allowed, keeping nothing: who is cut off
// while sending sees no answer.
func readOn(w http.ResponseWriter, r *http.Request, limit int64) {
	_ = http.NewResponseController(w).Flush() // what cannot be flushed goes out at the end
	_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, limit))
}

// isText tells whether the query is UTF-8, which is all that a question can carry. When it is not it has answered.
func isText(w http.ResponseWriter, r *http.Request) bool {
	if utf8.ValidString(r.URL.RawQuery) && !strings.Contains(r.URL.RawQuery, "%") {
		return true
	}
	for name, values := range r.URL.Query() {
		if !utf8.ValidString(strings.Join(values, "")) {
			const message = "is not UTF-8"
			WriteProblem(w, NewProblem(http.StatusUnprocessableEntity, CodeInvalidRequest, name+": "+message).at("query."+name, message))
			return false
		}
	}
	return true
}

// admit says who is calling. When it is nobody, or too often, it has answered.
func (a *API) admit(w http.ResponseWriter, r *http.Request) (access.Principal, bool) {
	principal, err := a.deps.Access.Authenticate(r.Context(), tokenOf(r))
	if errors.Is(err, access.ErrUnknown) {
		WriteProblem(w, unauthenticated())
		return access.Principal{}, false
	}
	if err != nil {
		WriteProblem(w, a.problemOf(r.Context(), err))
		return access.Principal{}, false
	}
	if a.limited(w, a.deps.Limits.Principal, principal.Key) {
		return principal, false
	}
	a.deps.Usage.Used(principal, time.Now())
	return principal, true
}

// tokenOf is the API key, or the session's token when there is no Authorization header.
func tokenOf(r *http.Request) string {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return ""
		}
		return strings.TrimSpace(token)
	}
	cookie, err := r.Cookie(SessionCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// limited counts a request and tells the caller what is left. When it is too much it has answered.
func (a *API) limited(w http.ResponseWriter, limiter *ratelimit.Limiter, key string) bool {
	decision := limiter.Allow(key, time.Now())
	values := &[3]string{
		strconv.Itoa(decision.Limit), strconv.Itoa(decision.Remaining), strconv.Itoa(int(math.Ceil(decision.Reset.Seconds()))),
	}
	// The names as net/http keeps them, which Set would spell anew each time.
	header := w.Header()
	header["Ratelimit-Limit"], header["Ratelimit-Remaining"], header["Ratelimit-Reset"] = values[0:1:1], values[1:2:2], values[2:3:3]
	if !decision.Allowed {
		WriteProblem(w, tooOften(decision))
	}
	return !decision.Allowed
}

// limitMailbox bounds guessing the password of one e-mail address.
func (a *API) limitMailbox(ctx context.Context, email string) error {
	address, _ := ctx.Value(addressKey{}).(string)
	if decision := a.deps.Limits.Mailbox.Allow(address+" "+email, time.Now()); !decision.Allowed {
		return tooOften(decision)
	}
	return nil
}

func tooOften(decision ratelimit.Decision) *Problem {
	return NewProblem(http.StatusTooManyRequests, CodeRateLimited, "Too many requests. Try again in a moment.").
		withRetryAfter(decision.RetryAfter)
}

// addressOf is what a caller is counted by: the IP address of the connection, or what a trusted proxy says. Of an IPv6
// address that is its network of 64 bits, all of which one caller has.
func (a *API) addressOf(r *http.Request) string {
	host := a.hostOf(r)
	address, err := netip.ParseAddr(host)
	if err != nil || address.Unmap().Is4() {
		return host
	}
	return netip.PrefixFrom(address.WithZone(""), ipv6Network).Masked().String()
}

func (a *API) hostOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(forwarded) - 1; i >= 0 && a.trusts(host); i-- {
		next := strings.TrimSpace(forwarded[i])
		if _, err := netip.ParseAddr(next); err != nil {
			break
		}
		host = next
	}
	return host
}

func (a *API) trusts(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, prefix := range a.deps.Limits.TrustedProxies {
		if prefix.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}
