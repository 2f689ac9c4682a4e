package postmark

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// What is listed, one after the other. A cursor is one of them and how many entries of it were read.
const (
	listOutbound = "outbound"
	listBounces  = "bounces"
	listInbound  = "inbound"
)

const (
	// listPage is how many entries one page has. Each inbound message of a page is another call.
	listPage = 50
	// lastEntry is how far the provider's lists reach.
	lastEntry = 10_000
	// eastern is the winter time of the provider's clock, which its filters are written in: in summer the hour more does no harm.
	eastern = -5 * time.Hour
)

// List implements channel.Lister: first the messages that the provider took, then those that bounced, then those received.
func (c *connection) List(ctx context.Context, since time.Time, cursor string) (channel.Page, error) {
	of, offset := listOutbound, 0
	if kind, number, ok := strings.Cut(cursor, ":"); ok {
		read, err := strconv.Atoi(number)
		if err != nil || read < 0 {
			return channel.Page{}, &channel.Error{Class: channel.Permanent, Err: errUnreadable}
		}
		of, offset = kind, read
	}
	read := map[string]func(context.Context, time.Time, int) (listed, error){
		listOutbound: c.listOutbound, listBounces: c.listBounces, listInbound: c.listInbound,
	}[of]
	if read == nil {
		return channel.Page{}, &channel.Error{Class: channel.Permanent, Err: errUnreadable}
	}
	some, err := read(ctx, since, offset)
	if err != nil {
		return channel.Page{}, err
	}
	page := channel.Page{Delivery: some.delivery, Next: map[string]string{
		listOutbound: listBounces + ":0", listBounces: listInbound + ":0",
	}[of]}
	if next := offset + some.entries; some.entries == listPage && next < lastEntry {
		page.Next = of + ":" + strconv.Itoa(next)
	}
	return page, nil
}

// listed is one page of a list: what it tells, and how many entries it had.
type listed struct {
	delivery channel.Delivery
	entries  int
}

func (c *connection) listOutbound(ctx context.Context, since time.Time, offset int) (listed, error) {
	var answer struct{ Messages []entry }
	if err := c.get(ctx, []string{"messages", "outbound"}, c.filter(since, offset), &answer); err != nil {
		return listed{}, err
	}
	page := listed{entries: len(answer.Messages)}
	for _, one := range answer.Messages {
		if at := timeOf(one.ReceivedAt, since); one.MessageID != "" && !at.Before(since) {
			page.delivery.Receipts = append(page.delivery.Receipts, one.receipt(at))
		}
	}
	return page, nil
}

// receipt is what the answer to the send said: there is no webhook of it.
func (e entry) receipt(at time.Time) channel.Receipt {
	return channel.Receipt{
		Kind: channel.Email, ExternalID: e.MessageID,
		WorkspaceID: e.Metadata[metaWorkspace], MessageID: e.Metadata[metaMessage],
		Attempt: channel.ParseAttempt(e.Metadata[metaAttempt]), Status: channel.Sent, ProviderStatus: e.Status,
		OccurredAt: at, EmailMessageID: e.MessageID + wireDomain, DedupeKey: "Sent/" + e.MessageID,
	}
}

func (c *connection) listBounces(ctx context.Context, since time.Time, offset int) (listed, error) {
	var answer struct{ Bounces []event }
	if err := c.get(ctx, []string{"bounces"}, c.filter(since, offset), &answer); err != nil {
		return listed{}, err
	}
	page := listed{entries: len(answer.Bounces)}
	for _, one := range answer.Bounces {
		if one.MessageID == "" || timeOf(one.BouncedAt, since).Before(since) {
			continue
		}
		one.RecordType = recordBounce
		if one.Type == recordComplaint {
			one.RecordType = recordComplaint
		}
		told := one.delivery(since)
		page.delivery.Receipts = append(page.delivery.Receipts, told.Receipts...)
		page.delivery.Suppressions = append(page.delivery.Suppressions, told.Suppressions...)
	}
	return page, nil
}

// listInbound asks for each message by itself: the list has no text. Of a file it tells the name alone.
func (c *connection) listInbound(ctx context.Context, since time.Time, offset int) (listed, error) {
	var answer struct{ InboundMessages []received }
	filter := c.filter(since, offset)
	filter.Del("messagestream")
	if err := c.get(ctx, []string{"messages", "inbound"}, filter, &answer); err != nil {
		return listed{}, err
	}
	page := listed{entries: len(answer.InboundMessages)}
	for _, one := range answer.InboundMessages {
		at, err := parseDate(one.Date)
		if one.MessageID == "" || err == nil && at.Before(since) {
			continue
		}
		whole := one
		if err := c.get(ctx, []string{"messages", "inbound", one.MessageID, "details"}, nil, &whole); err != nil {
			return listed{}, err
		}
		if whole.sound() == nil {
			page.delivery.Inbound = append(page.delivery.Inbound, whole.inbound(time.Now().UTC()))
		}
	}
	return page, nil
}

func (c *connection) filter(since time.Time, offset int) url.Values {
	return url.Values{
		"count": {strconv.Itoa(listPage)}, "offset": {strconv.Itoa(offset)}, "messagestream": {c.stream},
		"fromdate": {since.UTC().Add(eastern).Format("2006-01-02T15:04:05")},
	}
}

// get makes one call that changes nothing, so that an unknown outcome is a reason to ask again.
func (c *connection) get(ctx context.Context, path []string, query url.Values, into any) error {
	at := c.base.JoinPath(escaped(path)...)
	at.RawQuery = query.Encode()
	answer, failed := c.call(ctx, http.MethodGet, at, http.NoBody)
	if failed == nil && !answer.OK() {
		failed = c.refusal(answer)
	}
	if failed == nil && json.Unmarshal(answer.Body, into) != nil {
		failed = &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
	}
	if failed == nil {
		return nil
	}
	if failed.Class == channel.UnknownOutcome {
		failed.Class = channel.Retryable
	}
	return failed
}

func escaped(path []string) []string {
	written := make([]string, 0, len(path))
	for _, part := range path {
		written = append(written, url.PathEscape(part))
	}
	return written
}
