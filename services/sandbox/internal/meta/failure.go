package meta

import (
	"net/http"
	"strconv"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// failure is one of the provider's documented errors.
type failure struct {
	status         int
	title, details string
}

// The codes the sandbox answers on its own.
const (
	codeUnavailable   = 2
	codeUnknownObject = 33
	codeInvalid       = 100
	codeToken         = 190
	codeRateLimited   = 130429
	codeMissing       = 131008
	codeUnreachable   = 131026
	codeWindow        = 131047
	codeOptedOut      = 131050
	codeFile          = 131053
	codeParameters    = 132000
	codeTemplate      = 132001
	codeUnknownPath   = 2500
)

func failures() map[int]failure {
	return map[int]failure{
		1:                 {http.StatusInternalServerError, "API Unknown", "An unknown error occurred"},
		codeUnavailable:   {http.StatusServiceUnavailable, "API Service", "The service is temporarily unavailable"},
		4:                 {http.StatusBadRequest, "Application request limit reached", "The app has reached its API call rate limit"},
		10:                {http.StatusForbidden, "Permission Denied", "The permission is either not granted or has been removed"},
		codeUnknownObject: {http.StatusBadRequest, "Parameter value is not valid", "The object does not exist or cannot be loaded"},
		codeInvalid:       {http.StatusBadRequest, "Invalid parameter", "The request holds an unsupported or misspelled parameter"},
		codeToken:         {http.StatusUnauthorized, "Access token has expired", "The access token could not be decrypted"},
		200:               {http.StatusForbidden, "API Permission", "The permission is either not granted or has been removed"},
		368:               {http.StatusForbidden, "Temporarily blocked for policies violations", "The account has been restricted"},
		codeUnknownPath:   {http.StatusNotFound, "Unknown path components", "Unknown path components"},
		80007:             {http.StatusBadRequest, "Rate limit issues", "The account has reached its rate limit"},
		codeRateLimited:   {http.StatusBadRequest, "Rate limit hit", "The throughput of the number has been reached"},
		130472:            {http.StatusBadRequest, "User's number is part of an experiment", "The message was not sent as part of an experiment"},
		131000:            {http.StatusInternalServerError, "Something went wrong", "The message failed to send due to an unknown error"},
		codeMissing:       {http.StatusBadRequest, "Required parameter is missing", "The request is missing a required parameter"},
		131016:            {http.StatusInternalServerError, "Service unavailable", "A service is temporarily unavailable"},
		codeUnreachable:   {http.StatusBadRequest, "Message undeliverable", "The recipient cannot receive this message"},
		131031:            {http.StatusForbidden, "Account has been locked", "The account has been restricted or disabled"},
		131042:            {http.StatusBadRequest, "Business eligibility payment issue", "There was an issue with the payment method"},
		codeWindow:        {http.StatusBadRequest, "Re-engagement message", "More than 24 hours have passed since the recipient last replied"},
		131048:            {http.StatusBadRequest, "Spam rate limit hit", "There are restrictions on how many messages can be sent from this number"},
		131049:            {http.StatusBadRequest, "Meta chose not to deliver", "The message was not delivered to maintain healthy ecosystem engagement"},
		codeOptedOut:      {http.StatusBadRequest, "User has stopped marketing messages", "The recipient has chosen to stop receiving marketing messages"},
		codeFile:          {http.StatusBadRequest, "Media upload error", "The media could not be fetched or is of an unsupported type"},
		131056:            {http.StatusBadRequest, "(Business Account, Consumer Account) pair rate limit hit", "Too many messages were sent to this recipient"},
		codeParameters:    {http.StatusBadRequest, "Template Param Count Mismatch", "The number of values does not match the template"},
		codeTemplate:      {http.StatusNotFound, "Template does not exist", "The template does not exist in the language, or is not approved"},
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
	return failWith(known.status, code, known.details)
}

func failWith(status, code int, details string) provider.Answer {
	return provider.JSON(status, map[string]any{"error": map[string]any{
		"message": "(#" + strconv.Itoa(code) + ") " + failures()[code].title, "type": "OAuthException", "code": code,
		"error_data": map[string]string{"messaging_product": "whatsapp", "details": details}, "fbtrace_id": "A-sandbox",
	}})
}

// failOnDemand words the error a person asked for: a code, or an HTTP status.
func failOnDemand(name string) provider.Answer {
	number, _ := strconv.Atoi(name)
	if _, known := failures()[number]; known {
		return fail(number)
	}
	switch number {
	case http.StatusUnauthorized:
		return fail(codeToken)
	case http.StatusTooManyRequests:
		return failWith(http.StatusTooManyRequests, codeRateLimited, "Too many requests")
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		// The load balancer answers these, not the application.
		page := "<html><body>" + http.StatusText(number) + "</body></html>"
		return provider.Answer{Status: number, ContentType: "text/html", Body: []byte(page)}
	default:
		return failWith(number, codeInvalid, http.StatusText(number))
	}
}
