package resend

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// What is listed, one after the other. A cursor is one of them and the id of the last e-mail read.
const (
	listSent     = "sent"
	listReceived = "received"
)

// listPage is how many e-mails one page has.
const listPage = 100

// listed is one page of a list, the newest e-mail first.
type listed struct {
	HasMore bool         `json:"has_more"`
	Data    []listedMail `json:"data"`
}

type listedMail struct {
	eventData

	ID        string `json:"id"`
	LastEvent string `json:"last_event"`
}

// List implements channel.Lister: first the e-mails sent, then those received, as their webhooks tell them. The lists know
// neither tags nor the ids of webhooks, so that a receipt is found by its e-mail and has a key of its own.
func (c *connection) List(ctx context.Context, since time.Time, cursor string) (channel.Page, error) {
	of, after, _ := strings.Cut(cursor, ":")
	path := map[string]string{"": "emails", listSent: "emails", listReceived: "emails/receiving"}[of]
	if path == "" {
		return channel.Page{}, &channel.Error{Class: channel.Permanent, Err: errUnreadable}
	}
	query := url.Values{"limit": {strconv.Itoa(listPage)}}
	if after != "" {
		query.Set("after", after)
	}
	var read listed
	if err := c.get(ctx, path+"?"+query.Encode(), &read); err != nil {
		return channel.Page{}, err
	}
	page, last := channel.Page{}, ""
	for _, mail := range read.Data {
		at := timeOf(time.Time{}, mail.CreatedAt)
		if mail.ID == "" || !at.IsZero() && at.Before(since) {
			read.HasMore = false // those after it are older still
			break
		}
		last = mail.ID
		mail.tell(&page.Delivery, of == listReceived, timeOf(since, mail.CreatedAt))
	}
	switch {
	case read.HasMore && last != "" && of == listReceived:
		page.Next = listReceived + ":" + last
	case read.HasMore && last != "":
		page.Next = listSent + ":" + last
	case of != listReceived:
		page.Next = listReceived + ":"
	}
	return page, nil
}

// tell adds what a listed e-mail says.
func (m listedMail) tell(delivery *channel.Delivery, received bool, at time.Time) {
	m.EmailID = m.ID
	if received {
		if inbound, ok := m.inbound(at); ok {
			delivery.Inbound = append(delivery.Inbound, inbound)
		}
		return
	}
	receipt := channel.Receipt{
		Kind: channel.Email, ExternalID: m.ID, Status: statusOf("email." + m.LastEvent), ProviderStatus: m.LastEvent,
		OccurredAt: at, EmailMessageID: email.Bare(m.MessageID), DedupeKey: channel.ListedKey + m.ID + "/" + m.LastEvent,
	}
	receipt.From, _ = email.Person(m.From)
	if failure := (event{Type: "email." + m.LastEvent}).failure(); failure != nil {
		receipt.Failure = failure
		// Whether an e-mail bounced for good is not in the list, and a bounce that is not keeps nobody from being written to.
		receipt.Failure.Retryable = receipt.Status == channel.Bounced || failure.Retryable
	}
	delivery.Receipts = append(delivery.Receipts, receipt)
}
