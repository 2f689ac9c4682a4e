package resend

import (
	"net/http"
	"strconv"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// failure is one of the provider's documented errors.
type failure struct {
	status  int
	message string
}

// The names of the errors the sandbox answers on its own.
const (
	errConcurrent     = "concurrent_idempotent_requests"
	errInternal       = "internal_server_error"
	errInvalidFrom    = "invalid_from_address"
	errInvalidKey     = "invalid_api_key"
	errIdempotencyKey = "invalid_idempotency_key"
	errAttachment     = "invalid_attachment"
	errMethod         = "method_not_allowed"
	errMissingField   = "missing_required_field"
	errMissingKey     = "missing_api_key"
	errNotFound       = "not_found"
	errOtherPayload   = "invalid_idempotent_request"
	errRateLimited    = "rate_limit_exceeded"
	errRestrictedKey  = "restricted_api_key"
	errValidation     = "validation_error"
)

func failures() map[string]failure {
	return map[string]failure{
		errValidation:            {http.StatusUnprocessableEntity, "The request is not valid."},
		errIdempotencyKey:        {http.StatusBadRequest, "The key must be between 1-256 chars."},
		errMissingKey:            {http.StatusUnauthorized, "Missing API key in the authorization header."},
		errRestrictedKey:         {http.StatusUnauthorized, "This API key is restricted to only send emails."},
		errInvalidKey:            {http.StatusForbidden, "API key is invalid."},
		errNotFound:              {http.StatusNotFound, "The requested resource was not found."},
		errMethod:                {http.StatusMethodNotAllowed, "This endpoint does not support the method."},
		errOtherPayload:          {http.StatusConflict, "Same idempotency key used with a different request payload."},
		errConcurrent:            {http.StatusConflict, "Same idempotency key used while original request is still in progress."},
		errAttachment:            {http.StatusUnprocessableEntity, "Attachment must have either a `content` or `path`."},
		errInvalidFrom:           {http.StatusUnprocessableEntity, "Invalid `from` field. The email address needs to follow the `email@example.com` or `Name <email@example.com>` format."},
		errMissingField:          {http.StatusUnprocessableEntity, "Missing a required field."},
		errRateLimited:           {http.StatusTooManyRequests, "Too many requests. Please slow down and try again."},
		"daily_quota_exceeded":   {http.StatusTooManyRequests, "You have reached your daily email sending quota."},
		"monthly_quota_exceeded": {http.StatusTooManyRequests, "You have reached your monthly email sending quota."},
		"security_error":         {http.StatusUnavailableForLegalReasons, "We may have found a security issue with the request."},
		"application_error":      {http.StatusInternalServerError, "An unexpected error occurred."},
		errInternal:              {http.StatusInternalServerError, "An unexpected error occurred."},
	}
}

// KnowsFailure tells whether name is an HTTP error status or one of the provider's error names.
func (a *API) KnowsFailure(name string) bool {
	status, err := strconv.Atoi(name)
	_, known := failures()[name]
	return known || (err == nil && status >= 400 && status <= 599)
}

func fail(name string) provider.Answer {
	known := failures()[name]
	return failWith(known.status, name, known.message)
}

func failWith(status int, name, message string) provider.Answer {
	answer := provider.JSON(status, map[string]any{"statusCode": status, "name": name, "message": message})
	if name == errRateLimited {
		answer.Header = map[string]string{
			"retry-after": "1", "ratelimit-remaining": "0", "ratelimit-reset": "1", "ratelimit-policy": "sandbox;w=1",
		}
	}
	return answer
}

// failOnDemand words the error a person asked for: a name, or an HTTP status.
func failOnDemand(name string) provider.Answer {
	if _, known := failures()[name]; known {
		return fail(name)
	}
	status, _ := strconv.Atoi(name)
	switch status {
	case http.StatusUnauthorized:
		return fail(errMissingKey)
	case http.StatusForbidden:
		return fail(errInvalidKey)
	case http.StatusNotFound:
		return fail(errNotFound)
	case http.StatusTooManyRequests:
		return fail(errRateLimited)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		// The load balancer answers these, not the application.
		page := "<html><head><title>" + http.StatusText(status) + "</title></head><body>" + http.StatusText(status) + "</body></html>"
		return provider.Answer{Status: status, ContentType: "text/html", Body: []byte(page)}
	default:
		return failWith(status, errValidation, http.StatusText(status))
	}
}
