package telephony

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const (
	// sidLetters are the characters of an id that may become part of a path; none of them means anything there.
	sidLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	maxSID     = 64
)

// errUndated is returned for a message that the provider gives no date.
var errUndated = errors.New("the message has no date")

// WrittenAt is the whole second in which the provider took a customer's message in. ask gives what the provider answers
// to the question for the message of an id, refusal makes an error of an answer that is no 2xx.
func (v Vendor) WrittenAt(
	inbound channel.Inbound, ask func(sid string) (channel.Answer, *channel.Error), refusal func(channel.Answer) *channel.Error,
) (time.Time, error) {
	sid := inbound.ExternalID
	if sid == "" || len(sid) > maxSID || strings.Trim(sid, sidLetters) != "" { // none of the provider's own
		return time.Time{}, fmt.Errorf("dating message %q: %w", sid, channel.ErrNotFound)
	}
	answer, failed := ask(sid)
	switch {
	case failed != nil:
		return time.Time{}, failed
	case answer.Status == http.StatusNotFound:
		return time.Time{}, fmt.Errorf("dating message %s: %w", sid, channel.ErrNotFound)
	case !answer.OK():
		return time.Time{}, refusal(answer)
	}
	var told Message
	if err := json.Unmarshal(answer.Body, &told); err != nil || told.SID != sid {
		return time.Time{}, unreadable(answer)
	}
	at := v.CreatedAt(told)
	if at.IsZero() {
		return time.Time{}, &channel.Error{Class: channel.Permanent, HTTPStatus: answer.Status, Err: errUndated}
	}
	return at, nil
}
