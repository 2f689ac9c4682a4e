package signalwire

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

const (
	// clockSkew is how far the provider's clock may be behind ours.
	clockSkew = 5 * time.Second
	// findWindow is how long after since the message can still have been created there: since lies a little before the
	// attempt, a call ends after half a minute, and the clocks differ. The same words sent later are another message.
	findWindow = 3 * time.Minute
	maxPages   = 10
	pageSize   = "100"
)

// page is one page of the list of messages.
type page struct {
	Messages []message `json:"messages"`
	Next     string    `json:"next_page_uri"`
}

// Find implements channel.Finder. A list entry that carries our id decides; else the only message of this text to
// this number since the attempt is ours. Several of them prove nothing.
func (c *connection) Find(ctx context.Context, outbound channel.Outbound, since time.Time) (channel.Found, error) {
	if outbound.Kind == channel.Call {
		return c.findCall(ctx, outbound, since)
	}
	if outbound.Kind == channel.WhatsApp { // the log shows neither our ids nor the text
		return channel.Found{}, fmt.Errorf("finding message %s: %w", outbound.MessageID, channel.ErrNotFound)
	}
	var candidates []message
	for _, day := range days(since) {
		listed, err := c.list(ctx, outbound, day)
		if err != nil {
			return channel.Found{}, err
		}
		for _, entry := range listed {
			ours, told := carries(entry, outbound)
			if ours {
				return c.found(entry), nil
			}
			if !told && c.matches(entry, outbound, since) && !slices.ContainsFunc(candidates, same(entry)) {
				candidates = append(candidates, entry)
			}
		}
	}
	if len(candidates) != 1 {
		return channel.Found{}, fmt.Errorf("finding message %s among %d: %w", outbound.MessageID, len(candidates), channel.ErrNotFound)
	}
	return c.found(candidates[0]), nil
}

// days are the dates (UTC) the message can have been sent on, as far as the list can be asked for them.
func days(since time.Time) []string {
	first, last := since.Add(-clockSkew).UTC().Format(time.DateOnly), since.Add(findWindow).UTC().Format(time.DateOnly)
	return slices.Compact([]string{first, last})
}

func (c *connection) list(ctx context.Context, outbound channel.Outbound, day string) ([]message, error) {
	query := url.Values{
		"To": {outbound.To}, "From": {c.from(outbound)}, "DateSent": {day}, "PageSize": {pageSize},
	}
	var all []message
	for range maxPages {
		answer, failed := c.call(ctx, http.MethodGet, c.account.JoinPath("Messages"), query)
		if failed != nil {
			return nil, failed
		}
		if !answer.OK() {
			return nil, c.refusal(answer)
		}
		var read page
		if err := json.Unmarshal(answer.Body, &read); err != nil {
			return nil, &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
		}
		all = append(all, read.Messages...)
		next := queryOf(read.Next)
		if next == "" || len(read.Messages) == 0 {
			break
		}
		query = valuesOf(next)
	}
	return all, nil
}

// queryOf is the query of the address of the next page, which is all of it that is used: the page is at the same place.
func queryOf(next string) string {
	_, query, _ := strings.Cut(next, "?")
	return query
}

func valuesOf(query string) url.Values {
	values := url.Values{}
	for _, p := range channel.ReadForm(query) {
		values.Add(p.Name, p.Value)
	}
	return values
}

// carries tells whether an entry shows our id; told is false when it shows none.
func carries(entry message, outbound channel.Outbound) (ours, told bool) {
	var receipt channel.Receipt
	channel.ParseCallbackQuery(entry.StatusCallback, &receipt)
	if receipt.MessageID == "" {
		return false, false
	}
	sameAttempt := receipt.Attempt == 0 || receipt.Attempt == outbound.Attempt
	return receipt.MessageID == outbound.MessageID && sameAttempt, true
}

func (c *connection) matches(entry message, outbound channel.Outbound, since time.Time) bool {
	if entry.From != "" && telephony.Phone(entry.From) != telephony.Phone(c.from(outbound)) {
		return false // of another number of the project, which may be another workspace's
	}
	if entry.Media != "" && string(entry.Media) != strconv.Itoa(len(outbound.Files)) {
		return false
	}
	at := timeOf(cmp.Or(entry.DateCreated, entry.DateSent), time.Time{})
	return entry.SID != "" && entry.Body == outbound.Body && !isInbound(entry) &&
		telephony.Phone(entry.To) == telephony.Phone(outbound.To) &&
		!at.Before(since.Add(-clockSkew).Truncate(time.Second)) && at.Before(since.Add(findWindow))
}

func isInbound(entry message) bool { return strings.HasPrefix(entry.Direction, "inbound") }

func same(entry message) func(message) bool {
	return func(other message) bool { return other.SID == entry.SID }
}

func (c *connection) found(entry message) channel.Found {
	status, _ := statusOf(entry.Status)
	return channel.Found{
		Accepted: channel.Accepted{
			ExternalID: entry.SID, Status: channel.Sent.Advance(status), ProviderStatus: entry.Status,
			Segments: telephony.Segments(string(entry.Segments)),
		},
		Failure: failureOf(status, string(entry.ErrorCode), c.api.Sentence(entry.ErrorMessage)),
	}
}
