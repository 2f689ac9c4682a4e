package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

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
	pageSize   = 100
	// trialPrefix is what a trial account puts before every text.
	trialPrefix = "Sent from your Twilio trial account - "
)

// page is one page of the list of messages, the newest first.
type page struct {
	Messages []message `json:"messages"`
	Next     string    `json:"next_page_uri"`
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
	var candidates []message
	for _, entry := range listed {
		same := func(other message) bool { return other.SID == entry.SID }
		if c.matches(entry, outbound, since) && !slices.ContainsFunc(candidates, same) {
			candidates = append(candidates, entry)
		}
	}
	if len(candidates) != 1 {
		return channel.Found{}, fmt.Errorf("finding message %s among %d: %w", outbound.MessageID, len(candidates), channel.ErrNotFound)
	}
	entry := candidates[0]
	status, _ := statusOf(entry.Status)
	return channel.Found{
		Accepted: channel.Accepted{
			ExternalID: entry.SID, Status: channel.Sent.Advance(status), ProviderStatus: entry.Status,
			Segments: segmentsOf(outbound.Kind, string(entry.Segments)),
		},
		Failure: failureOf(status, string(entry.ErrorCode), c.api.Sentence(entry.ErrorMessage)),
	}, nil
}

// list reads page after page until a whole page is older than the attempt.
func (c *connection) list(ctx context.Context, outbound channel.Outbound, since time.Time) ([]message, error) {
	params := &openapi.ListMessageParams{}
	params.SetTo(wire(outbound.Kind, outbound.To))
	params.SetFrom(wire(outbound.Kind, c.from(outbound)))
	params.SetPageSize(pageSize)
	var all []message
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
		older := !slices.ContainsFunc(read.Messages, func(entry message) bool { return !entry.createdAt().Before(since.Add(-clockSkew)) })
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

func (m message) createdAt() time.Time { return readTime(cmp.Or(m.DateCreated, m.DateSent)) }

// readTime reads a time of the API; what is none is the zero time.
func readTime(text string) time.Time {
	at, err := time.Parse(time.RFC1123Z, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// matches tells whether an entry can be the message: the same words and as many files, between the same two addresses,
// in the time of the attempt.
func (c *connection) matches(entry message, outbound channel.Outbound, since time.Time) bool {
	kind := outbound.Kind
	if entry.From != "" && telephony.Plain(kind, entry.From) != telephony.Plain(kind, c.from(outbound)) {
		return false // of another number of the account, which may be another workspace's
	}
	if entry.Media != "" && string(entry.Media) != strconv.Itoa(len(outbound.Files)) {
		return false
	}
	at := entry.createdAt()
	return entry.SID != "" && strings.TrimPrefix(entry.Body, trialPrefix) == outbound.Body &&
		!isInbound(entry) && telephony.Plain(kind, entry.To) == telephony.Plain(kind, outbound.To) &&
		!at.Before(since.Add(-clockSkew).Truncate(time.Second)) && at.Before(since.Add(findWindow))
}

func isInbound(entry message) bool { return strings.HasPrefix(entry.Direction, "inbound") }
