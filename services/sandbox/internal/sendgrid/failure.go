package sendgrid

import (
	"net/http"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// KnowsFailure tells whether name is an HTTP error status: the provider's errors have no names.
func (a *API) KnowsFailure(name string) bool {
	status, err := strconv.Atoi(name)
	return err == nil && status >= 400 && status <= 599
}

// fail words an error; field is empty when it concerns none.
func fail(status int, message, field string) provider.Answer {
	wrong := map[string]any{"message": message, "field": nil, "help": nil}
	if field != "" {
		wrong["field"] = field
	}
	answer := provider.JSON(status, map[string]any{"errors": []any{wrong}})
	if status == http.StatusTooManyRequests {
		answer.Header = map[string]string{
			"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0",
			"X-RateLimit-Reset": strconv.FormatInt(time.Now().Unix()+1, 10),
		}
	}
	return answer
}

// failOnDemand words the error a person asked for.
func failOnDemand(name string) provider.Answer {
	status, _ := strconv.Atoi(name)
	switch status {
	case http.StatusUnauthorized:
		return fail(status, "The provided authorization grant is invalid, expired, or revoked", "")
	case http.StatusForbidden:
		return fail(status, unverified, "from")
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		// The load balancer answers these, not the application.
		page := "<html><head><title>" + http.StatusText(status) + "</title></head><body></body></html>"
		return provider.Answer{Status: status, ContentType: "text/html", Body: []byte(page)}
	default:
		return fail(status, http.StatusText(status), "")
	}
}
