package postmark

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// The codes of the errors the sandbox answers on its own.
const (
	codeToken       = 10
	codeMaintenance = 100
	codeInvalid     = 300
	codeSignature   = 400
	codeBadJSON     = 402
	codeOtherJSON   = 403
	codeInactive    = 406
	codeNoJSON      = 409
	codeAttachment  = 411
	codeRateLimited = 429
	codeStream      = 1235
)

// onDemand begins the name of an error of the provider, because the codes alone look like HTTP statuses.
const onDemand = "error_"

// failure is one of the provider's documented errors.
type failure struct {
	status  int
	message string
}

func failures() map[int]failure {
	return map[int]failure{
		codeToken:       {http.StatusUnauthorized, "Request does not contain a valid Server token."},
		codeMaintenance: {http.StatusServiceUnavailable, "Maintenance"},
		codeInvalid:     {http.StatusUnprocessableEntity, "Invalid email request"},
		codeSignature:   {http.StatusUnprocessableEntity, "The 'From' address you supplied is not a Sender Signature on your account."},
		401:             {http.StatusUnprocessableEntity, "The Sender Signature for the 'From' address is not confirmed."},
		codeBadJSON:     {http.StatusUnprocessableEntity, "Received invalid JSON input."},
		codeOtherJSON:   {http.StatusUnprocessableEntity, "Incompatible JSON: a field has another type."},
		405:             {http.StatusUnprocessableEntity, "You are not allowed to send: the account is out of credits."},
		codeInactive:    {http.StatusUnprocessableEntity, "You tried to send to a recipient that has been marked as inactive."},
		codeNoJSON:      {http.StatusUnprocessableEntity, "The Accept and Content-Type headers must be application/json."},
		codeAttachment:  {http.StatusUnprocessableEntity, "The type of an attachment is forbidden."},
		412:             {http.StatusUnprocessableEntity, "The account is pending approval."},
		413:             {http.StatusUnprocessableEntity, "The account may not send."},
		codeRateLimited: {http.StatusTooManyRequests, "Too many requests. Please slow down and try again."},
		codeStream:      {http.StatusUnprocessableEntity, "The message stream does not exist on this server."},
	}
}

// KnowsFailure tells whether name is an HTTP error status, or "error_" and one of the provider's codes.
func (a *API) KnowsFailure(name string) bool {
	code, named := strings.CutPrefix(name, onDemand)
	number, err := strconv.Atoi(code)
	if named {
		_, known := failures()[number]
		return known && err == nil
	}
	return err == nil && number >= 400 && number <= 599
}

func fail(code int) provider.Answer { return refuse(code, failures()[code].message) }

// refuse words an error of the provider with a sentence of its own.
func refuse(code int, message string) provider.Answer {
	return failWith(failures()[code].status, code, message)
}

func failWith(status, code int, message string) provider.Answer {
	answer := provider.JSON(status, map[string]any{"ErrorCode": code, "Message": message})
	if code == codeRateLimited {
		answer.Header = map[string]string{"Retry-After": "1"}
	}
	return answer
}

// failOnDemand words the error a person asked for: one of the provider's codes, or an HTTP status.
func failOnDemand(name string) provider.Answer {
	code, named := strings.CutPrefix(name, onDemand)
	number, _ := strconv.Atoi(code)
	if named {
		return fail(number)
	}
	switch number {
	case http.StatusUnauthorized:
		return fail(codeToken)
	case http.StatusTooManyRequests:
		return fail(codeRateLimited)
	case http.StatusUnprocessableEntity:
		return fail(codeInvalid)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		// The load balancer answers these, not the application.
		page := "<html><head><title>" + http.StatusText(number) + "</title></head><body></body></html>"
		return provider.Answer{Status: number, ContentType: "text/html", Body: []byte(page)}
	default:
		return failWith(number, 0, http.StatusText(number))
	}
}
