package meta

import (
	"context"
	"net/url"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const (
	// maxPages bounds how many pages of a list are read, pageSize is how much one holds.
	maxPages = 10
	pageSize = "100"
	// numbersPage is a page of numbers, which are small and many.
	numbersPage = "1000"
)

// phone is a number of the account.
type phone struct {
	ID           string `json:"id"`
	Display      string `json:"display_phone_number"`
	Name         string `json:"verified_name"`
	Verification string `json:"code_verification_status"`
	Quality      string `json:"quality_rating"`
}

// paging is how every list of the API goes on.
type paging struct {
	Cursors struct {
		After string `json:"after"`
	} `json:"cursors"`
	Next string `json:"next"`
}

// phoneID is the vendor's id of one of our numbers. A workspace may have a number of its own in the account: what is
// not known is asked for.
func (c *connection) phoneID(ctx context.Context, number string) (string, *channel.Error) {
	if id := c.knownID(number); id != "" {
		return id, nil
	}
	select {
	case c.asking <- struct{}{}:
		defer func() { <-c.asking }()
	case <-ctx.Done():
		return "", &channel.Error{Class: channel.Retryable, Err: ctx.Err()}
	}
	if id := c.knownID(number); id != "" {
		return id, nil // somebody else has asked meanwhile
	}
	phones, failed := c.phones(ctx)
	if failed != nil {
		return "", beforeSending(failed)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range phones {
		if isID(one.ID) {
			c.phoneIDs[plainNumber(one.Display)] = one.ID
		}
	}
	if id := c.phoneIDs[number]; id != "" {
		return id, nil
	}
	return "", &channel.Error{
		Class: channel.PermanentConfig, Message: "The sending number does not belong to the WhatsApp Business account.",
		Remedy: "Choose a number of the account, then try again.",
	}
}

func (c *connection) knownID(number string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.phoneIDs[number]
}

// phones lists the numbers of the account.
func (c *connection) phones(ctx context.Context) ([]phone, *channel.Error) {
	var all []phone
	query := url.Values{
		"fields": {"id,display_phone_number,verified_name,quality_rating,code_verification_status"}, "limit": {numbersPage},
	}
	for range maxPages {
		var page struct {
			Phones []phone `json:"data"`
			Paging paging  `json:"paging"`
		}
		if failed := c.get(ctx, &page, query, c.account, "phone_numbers"); failed != nil {
			return nil, failed
		}
		all = append(all, page.Phones...)
		if page.Paging.Next == "" || page.Paging.Cursors.After == "" || len(page.Phones) == 0 {
			break
		}
		query.Set("after", page.Paging.Cursors.After) // of the address of the next page only the place: the rest is ours
	}
	return all, nil
}

// plainNumber writes a number as the vendor shows it, "+1 415-555-0123" or digits alone, in the one form; what is none
// stays as it came.
func plainNumber(text string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	if number, err := channel.NormalizeAddress(channel.SMS, "+"+digits); err == nil {
		return number
	}
	return text
}
