package channel

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds how long a provider can make us wait with one answer.
const maxRetryAfter = time.Hour

// ClassOfStatus is what an HTTP status means for a send when the provider's own code says nothing more. After a 5xx,
// or an answer that is none, the message may be out.
func ClassOfStatus(status int) Class {
	switch status {
	case http.StatusUnauthorized:
		return Auth
	case http.StatusForbidden:
		return AuthScopeLimited
	case http.StatusPaymentRequired, http.StatusNotFound, http.StatusMovedPermanently,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return PermanentConfig // no account, a wrong base URL
	case http.StatusTooEarly:
		return Retryable
	case http.StatusTooManyRequests:
		return RateLimited
	case http.StatusRequestTimeout:
		return UnknownOutcome
	}
	if status >= http.StatusBadRequest && status < http.StatusInternalServerError {
		return Permanent
	}
	return UnknownOutcome
}

// RetryAfter reads the Retry-After header (RFC 9110): seconds, or a date measured against the answer's own Date.
// It is 0 when the header is missing or makes no sense.
func RetryAfter(header http.Header) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), maxRetryAfter)
}
