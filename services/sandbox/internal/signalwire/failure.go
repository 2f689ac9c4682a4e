package signalwire

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

// The codes the sandbox answers on its own.
const (
	codeAuthentication = 20003
	codeNotFound       = 20404
	codeRateLimited    = 20429
	codeInternal       = 20500
	codeInvalidTo      = 21211
	codeMissingFrom    = 21603
	codeMissingTo      = 21604
	codeMissingBody    = 21602
	codeForeignFrom    = 21606
	codeInvalidURL     = 21609
	codeOptedOut       = 21610
	codeTooLong        = 21617
	codeTooManyMedia   = 21623

	codeTooManyCalls    = 10004
	codeMissingCallTo   = 21201
	codeInvalidCallURL  = 21205
	codeUnverifiedFrom  = 21210
	codeMissingCallFrom = 21213
	codeCallOver        = 21220
)

func failures() map[int]failure {
	return map[int]failure{
		codeAuthentication:  {http.StatusUnauthorized, "Authentication failed"},
		codeNotFound:        {http.StatusNotFound, "The requested resource was not found"},
		codeRateLimited:     {http.StatusTooManyRequests, "Too many requests"},
		codeInternal:        {http.StatusInternalServerError, "An internal server error has occurred"},
		codeUnverifiedFrom:  {http.StatusUnprocessableEntity, "The 'From' number is not verified for this project"},
		codeInvalidTo:       {http.StatusUnprocessableEntity, "The 'To' number is not a valid phone number"},
		21217:               {http.StatusUnprocessableEntity, "The phone number does not appear to be valid"},
		21219:               {http.StatusUnprocessableEntity, "The 'To' number is not verified: a trial project may only message verified numbers"},
		codeMissingBody:     {http.StatusUnprocessableEntity, "A message body or media URL is required"},
		codeMissingFrom:     {http.StatusUnprocessableEntity, "A 'From' number or messaging service is required"},
		codeMissingTo:       {http.StatusUnprocessableEntity, "A 'To' number is required"},
		codeForeignFrom:     {http.StatusUnprocessableEntity, "The 'From' number is not a message-capable number of this project"},
		codeInvalidURL:      {http.StatusUnprocessableEntity, "The 'StatusCallback' URL is not valid"},
		codeOptedOut:        {http.StatusUnprocessableEntity, "The message was blocked by the user or sent from a blacklisted number"},
		21611:               {http.StatusUnprocessableEntity, "The 'From' number has exceeded the maximum number of queued messages"},
		21612:               {http.StatusUnprocessableEntity, "The 'To' number cannot be reached with this 'From' number"},
		21614:               {http.StatusUnprocessableEntity, "The 'To' number is not a mobile number"},
		codeTooLong:         {http.StatusUnprocessableEntity, "The message body exceeds the 1600 character limit"},
		21620:               {http.StatusUnprocessableEntity, "A media URL is not valid"},
		codeTooManyMedia:    {http.StatusUnprocessableEntity, "Too many media URLs"},
		21717:               {http.StatusUnprocessableEntity, "The 'From' number is not registered for messaging"},
		codeTooManyCalls:    {http.StatusTooManyRequests, "Too many calls go on at once"},
		codeMissingCallTo:   {http.StatusUnprocessableEntity, "A 'To' number is required"},
		codeInvalidCallURL:  {http.StatusUnprocessableEntity, "The 'Url' is not valid"},
		codeMissingCallFrom: {http.StatusUnprocessableEntity, "A 'From' number is required"},
		21215:               {http.StatusUnprocessableEntity, "The project is not allowed to call this number"},
		codeCallOver:        {http.StatusUnprocessableEntity, "The call is not in progress"},

		30002: {http.StatusForbidden, "The balance of the project does not suffice"},
		30010: {http.StatusUnprocessableEntity, "The price of the message exceeds the maximum price"},
	}
}

// KnowsFailure tells whether name is an HTTP error status or one of the provider's codes.
func (a *API) KnowsFailure(name string) bool {
	number, err := strconv.Atoi(name)
	_, code := failures()[number]
	return err == nil && (code || (number >= 400 && number <= 599))
}

func fail(code int) provider.Answer {
	known := failures()[code]
	return failWith(known.status, code, known.message)
}

func failWith(status, code int, message string) provider.Answer {
	answer := provider.JSON(status, map[string]any{
		"code": code, "message": message, "status": status,
		"more_info": "https://signalwire.com/docs/compatibility-api/reference/errors",
	})
	if status == http.StatusTooManyRequests {
		answer.Header = map[string]string{"Retry-After": "1"}
	}
	return answer
}

// failOnDemand words the error a person asked for: a code, or an HTTP status.
func failOnDemand(name string) provider.Answer {
	number, _ := strconv.Atoi(name)
	if _, known := failures()[number]; known {
		return fail(number)
	}
	switch number {
	case http.StatusUnauthorized:
		return fail(codeAuthentication)
	case http.StatusNotFound:
		return fail(codeNotFound)
	case http.StatusTooManyRequests:
		return fail(codeRateLimited)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		// The load balancer answers these, not the application.
		page := "<html><head><title>" + http.StatusText(number) + "</title></head><body>" + http.StatusText(number) + "</body></html>"
		return provider.Answer{Status: number, ContentType: "text/html", Body: []byte(page)}
	default:
		return failWith(number, codeInternal, http.StatusText(number))
	}
}
