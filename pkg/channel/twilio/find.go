package twilio

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

const (
	maxPages = 10
	pageSize = 100
	// trialPrefix is what a trial account puts before every text.
	trialPrefix = "Sent from your Twilio trial account - "
)

// page is one page of the list of messages, the newest first.
type page struct {
	Messages []telephony.Message `json:"messages"`
	Next     string              `json:"next_page_uri"`
}

// Find implements channel.Finder. The list does not show our ids: the only message of this text to this number since
// the attempt is ours. Several of them prove nothing.
//
// The list is asked for the two numbers and not for the date of sending, which a message that still waits has not.
func (c *connection) Find(ctx context.Context, outbound channel.Outbound, since time.Time) (channel.Found, error) {
	if outbound.Kind == channel.Call {
		return c.findCall(ctx, outbound, since)
	}
	listed, err := c.list(ctx, outbound, since)
	if err != nil {
		return channel.Found{}, err
	}
	var candidates []telephony.Message
	for _, entry := range listed {
		entry.Body = strings.TrimPrefix(entry.Body, trialPrefix)
		if vendor().Matches(entry, outbound, c.from(outbound), since) {
			candidates = append(candidates, entry)
		}
	}
	return vendor().Found(outbound, candidates, c.api.Sentence)
}

// Likeness implements channel.Likener.
func (c *connection) Likeness(outbound channel.Outbound) string { return vendor().Likeness(outbound) }

// list reads page after page until a whole page is older than the attempt.
func (c *connection) list(ctx context.Context, outbound channel.Outbound, since time.Time) ([]telephony.Message, error) {
	params := &openapi.ListMessageParams{}
	params.SetTo(wire(outbound.Kind, outbound.To))
	params.SetFrom(wire(outbound.Kind, c.from(outbound)))
	params.SetPageSize(pageSize)
	var all []telephony.Message
	token, number := "", ""
	for range maxPages {
		answer, failed := c.call(ctx, c.sender, func(api *openapi.ApiService) error {
			_, err := api.PageMessage(params, token, number)
			return err
		})
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
		older := !slices.ContainsFunc(read.Messages, func(entry telephony.Message) bool {
			return !vendor().CreatedAt(entry).Before(since.Add(-telephony.ClockSkew))
		})
		token, number = nextOf(read.Next)
		if older || token == "" && number == "" {
			break
		}
	}
	return all, nil
}

// nextOf reads the place of the next page; the rest of its address is what we asked for.
func nextOf(next string) (token, number string) {
	parsed, err := url.Parse(next)
	if err != nil {
		return "", ""
	}
	return parsed.Query().Get("PageToken"), parsed.Query().Get("Page")
}

// cursorOf is the place of the next page as a cursor, which nextOf reads as a query; empty when none follows.
func cursorOf(next string) string {
	token, number := nextOf(next)
	if token+number == "" {
		return ""
	}
	return url.Values{"PageToken": {token}, "Page": {number}}.Encode()
}

// readTime reads a time of the API; what is none is the zero time.
func readTime(text string) time.Time {
	at, err := time.Parse(time.RFC1123Z, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
