package twilio

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
	codeMissingBody    = 21602
	codeMissingFrom    = 21603
	codeMissingTo      = 21604
	codeForeignFrom    = 21606
	codeInvalidURL     = 21609
	codeOptedOut       = 21610
	codeTooLong        = 21617
	codeTooManyMedia   = 21623
	codeForeignService = 21701
	codeMixed          = 21910
	codeForeignChat    = 63007
	codeWindow         = 63016
	codeFile           = 63019
	codeTemplate       = 63027

	codeTooManyCalls    = 10004
	codeMissingCallTo   = 21201
	codeInvalidCallURL  = 21205
	codeUnverifiedFrom  = 21210
	codeMissingCallFrom = 21213
	codeCallOver        = 21220
)

func failures() map[int]failure {
	return map[int]failure{
		codeAuthentication: {http.StatusUnauthorized, "Authenticate"},
		codeNotFound:       {http.StatusNotFound, "The requested resource was not found"},
		codeRateLimited:    {http.StatusTooManyRequests, "Too Many Requests"},
		codeInternal:       {http.StatusInternalServerError, "An internal server error has occurred"},
		codeInvalidTo:      {http.StatusBadRequest, "Invalid 'To' Phone Number"},
		21214:              {http.StatusBadRequest, "'To' phone number cannot be reached"},
		21408:              {http.StatusBadRequest, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"},
		codeMissingBody:    {http.StatusBadRequest, "Message body is required"},
		codeMissingFrom:    {http.StatusBadRequest, "A 'From' or 'MessagingServiceSid' parameter is required"},
		codeMissingTo:      {http.StatusBadRequest, "A 'To' phone number is required"},
		codeForeignFrom:    {http.StatusBadRequest, "The 'From' phone number is not a valid, message-capable phone number of this account"},
		21608:              {http.StatusBadRequest, "The number is unverified: trial accounts cannot send messages to unverified numbers"},
		codeInvalidURL:     {http.StatusBadRequest, "The 'StatusCallback' URL is not a valid URL"},
		codeOptedOut:       {http.StatusBadRequest, "Attempt to send to unsubscribed recipient"},
		21611:              {http.StatusBadRequest, "This 'From' number has exceeded the maximum number of queued messages"},
		21612:              {http.StatusBadRequest, "Message cannot be sent with the current combination of 'To' and 'From' parameters"},
		21614:              {http.StatusBadRequest, "'To' number is not a valid mobile number"},
		codeTooLong:        {http.StatusBadRequest, "The concatenated message body exceeds the 1600 character limit"},
		codeTooManyMedia:   {http.StatusBadRequest, "Number of media files exceeds allowed limit"},
		21659:              {http.StatusBadRequest, "'From' is not a Twilio phone number"},
		codeMixed:          {http.StatusBadRequest, "Invalid From and To pair: they must be of the same channel"},
		codeForeignChat:    {http.StatusBadRequest, "Twilio could not find a Channel with the specified From address"},
		codeWindow:         {http.StatusBadRequest, "Failed to send freeform message because you are outside the allowed window"},
		63018:              {http.StatusTooManyRequests, "Rate limit exceeded for Channel"},
		codeFile:           {http.StatusBadRequest, "Media failed to download"},
		codeTemplate:       {http.StatusBadRequest, "Template does not exist for a language and locale"},
		codeForeignService: {http.StatusBadRequest, "The Messaging Service does not exist"},

		codeTooManyCalls:    {http.StatusTooManyRequests, "Call concurrency limit exceeded"},
		codeMissingCallTo:   {http.StatusBadRequest, "No 'To' number is specified"},
		codeInvalidCallURL:  {http.StatusBadRequest, "Url is not a valid URL"},
		codeUnverifiedFrom:  {http.StatusBadRequest, "The source phone number provided is not yet verified for your account"},
		codeMissingCallFrom: {http.StatusBadRequest, "No 'From' number is specified"},
		21215:               {http.StatusBadRequest, "The account is not authorized to call the number"},
		codeCallOver:        {http.StatusBadRequest, "Call is not in-progress. Cannot redirect."},
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
	return provider.JSON(status, map[string]any{
		"code": code, "message": message, "status": status,
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	})
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
