package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// List implements channel.Lister: the messages of the account that were sent or received since, the newest first. The
// cursor is the place of a page; the rest of the provider's address of it is what we ask for anyway.
func (c *connection) List(ctx context.Context, since time.Time, cursor string) (channel.Page, error) {
	if rest, ok := strings.CutPrefix(cursor, telephony.CallCursor); ok {
		return c.pageOfCalls(ctx, since.Add(-telephony.ClockSkew).UTC(), rest)
	}
	params := &openapi.ListMessageParams{}
	params.SetDateSentAfter(since.Add(-telephony.ClockSkew).UTC())
	params.SetPageSize(pageSize)
	token, number := nextOf("?" + cursor)
	answer, failed := c.call(ctx, c.sender, func(api *openapi.ApiService) error {
		_, err := api.PageMessage(params, token, number)
		return err
	})
	if failed != nil {
		return channel.Page{}, failed
	}
	if !answer.OK() {
		return channel.Page{}, c.refusal(answer)
	}
	var read struct {
		Messages []json.RawMessage `json:"messages"`
		Next     string            `json:"next_page_uri"`
	}
	if err := json.Unmarshal(answer.Body, &read); err != nil || read.Messages == nil {
		return channel.Page{}, &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
	}
	listed := channel.Page{}
	for _, raw := range read.Messages {
		if err := c.add(ctx, &listed, raw); err != nil {
			return channel.Page{}, err
		}
	}
	if next := cursorOf(read.Next); len(read.Messages) > 0 {
		listed.Next = next
	}
	if listed.Next == "" {
		listed.Next = telephony.CallCursor // the calls are listed after the messages
	}
	return listed, nil
}

// add reads one entry of the list; one that cannot be read, or is not complete, is left out.
func (c *connection) add(ctx context.Context, listed *channel.Page, raw json.RawMessage) error {
	var entry telephony.Message
	if !channel.Readable(raw, &entry) || entry.SID == "" || entry.Status == "" {
		return nil
	}
	kind := telephony.KindOf(entry.From, entry.To)
	if !entry.IsInbound() {
		receipt := receiptOf(kind, entry.SID, entry.Status, string(entry.ErrorCode), c.api.Sentence(entry.ErrorMessage))
		receipt.Account, receipt.From = c.account.user, telephony.Plain(kind, entry.From)
		receipt.OccurredAt = readTime(cmp.Or(entry.DateUpdated, entry.DateSent, entry.DateCreated))
		receipt.Segments, receipt.Part = telephony.Segments(kind, string(entry.Segments)), raw
		listed.Receipts = append(listed.Receipts, receipt)
		return nil
	}
	from, to := telephony.Plain(kind, entry.From), telephony.Plain(kind, entry.To)
	if !strings.EqualFold(entry.Status, wordReceived) || from == "" || to == "" {
		return nil
	}
	inbound := channel.Inbound{
		Kind: kind, ExternalID: entry.SID, Account: c.account.user,
		From: from, To: []string{to}, Body: entry.Body,
		OccurredAt: vendor().CreatedAt(entry), // it is sent when its webhook is
	}
	if files, err := strconv.Atoi(string(entry.Media)); err == nil && files > 0 {
		var failed *channel.Error
		if inbound.Media, failed = c.mediaOf(ctx, entry.SID); failed != nil {
			return failed
		}
	}
	listed.Inbound = append(listed.Inbound, inbound)
	return nil
}

// mediaOf lists the files of a message. The message whose files are gone, or may not be asked for, stays without.
func (c *connection) mediaOf(ctx context.Context, sid string) ([]channel.Media, *channel.Error) {
	if strings.Trim(sid, sidLetters) != "" {
		return nil, nil
	}
	answer, failed := c.call(ctx, c.sender, func(api *openapi.ApiService) error {
		_, err := api.PageMedia(sid, &openapi.ListMediaParams{}, "", "")
		return err
	})
	switch {
	case failed != nil:
		return nil, failed
	case channel.ClassOfStatus(answer.Status) == channel.RateLimited, answer.Status >= http.StatusInternalServerError:
		return nil, c.refusal(answer)
	}
	return telephony.ListedMedia(answer, c.place().JoinPath("Messages", sid, "Media")), nil
}
