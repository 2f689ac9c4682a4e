package signalwire

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

const (
	maxPages = 10
	pageSize = "100"
)

// page is one page of the list of messages.
type page struct {
	Messages []telephony.Message `json:"messages"`
	Next     string              `json:"next_page_uri"`
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
	var candidates []telephony.Message
	for _, day := range days(since) {
		listed, err := c.list(ctx, outbound, day)
		if err != nil {
			return channel.Found{}, err
		}
		for _, entry := range listed {
			ours, told := carries(entry, outbound)
			if ours {
				found, err := vendor().Found(outbound, []telephony.Message{entry}, c.api.Sentence)
				found.ByLikeness = false
				return found, err
			}
			if !told && vendor().Matches(entry, outbound, c.from(outbound), since) {
				candidates = append(candidates, entry)
			}
		}
	}
	return vendor().Found(outbound, candidates, c.api.Sentence)
}

// Likeness implements channel.Likener.
func (c *connection) Likeness(outbound channel.Outbound) string {
	if outbound.Kind == channel.WhatsApp {
		return ""
	}
	return vendor().Likeness(outbound)
}

// days are the dates (UTC) the message can have been sent on, as far as the list can be asked for them.
func days(since time.Time) []string {
	first, last := since.Add(-telephony.ClockSkew).UTC().Format(time.DateOnly), since.Add(telephony.FindWindow).UTC().Format(time.DateOnly)
	return slices.Compact([]string{first, last})
}

func (c *connection) list(ctx context.Context, outbound channel.Outbound, day string) ([]telephony.Message, error) {
	query := url.Values{
		"To": {outbound.To}, "From": {c.from(outbound)}, "DateSent": {day}, "PageSize": {pageSize},
	}
	var all []telephony.Message
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
func carries(entry telephony.Message, outbound channel.Outbound) (ours, told bool) {
	var receipt channel.Receipt
	channel.ParseCallbackQuery(entry.StatusCallback, &receipt)
	if receipt.MessageID == "" {
		return false, false
	}
	sameAttempt := receipt.Attempt == 0 || receipt.Attempt == outbound.Attempt
	return receipt.MessageID == outbound.MessageID && sameAttempt, true
}
