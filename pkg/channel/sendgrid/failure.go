package sendgrid

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// maxRetryAfter bounds how long one answer can make us wait.
const maxRetryAfter = time.Hour

// envelope is an error of the API.
type envelope struct {
	Errors []struct {
		Message string          `json:"message"`
		Field   json.RawMessage `json:"field"`
	} `json:"errors"`
}

// refusal turns an answer that is no 2xx into an error. A body that is not the API's is judged by the status alone.
func (c *connection) refusal(answer channel.Answer) *channel.Error {
	failed := &channel.Error{
		Class: classOf(answer.Status), HTTPStatus: answer.Status, RetryAfter: retryAfter(answer.Header),
	}
	var body envelope
	if json.Unmarshal(answer.Body, &body) == nil && len(body.Errors) > 0 {
		failed.Message = c.api.Sentence(body.Errors[0].Message)
		failed.ProviderCode = c.api.Sentence(textOf(body.Errors[0].Field))
	}
	return failed
}

// classOf reads the status, which says all there is: the API's errors have no names. A key without the scope and a
// sender that is not verified look alike; both are mended at the provider.
func classOf(status int) channel.Class {
	if status == http.StatusForbidden {
		return channel.PermanentConfig
	}
	return channel.ClassOfStatus(status)
}

// retryAfter is how long to wait: as the standard header says, else until the limit is reset, measured against the
// answer's own clock.
func retryAfter(header http.Header) time.Duration {
	if wait := channel.RetryAfter(header); wait > 0 {
		return wait
	}
	reset, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(time.Unix(reset, 0).Sub(now), 0), maxRetryAfter)
}
