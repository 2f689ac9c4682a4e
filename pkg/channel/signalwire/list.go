package signalwire

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// List implements channel.Lister: the messages of the project that were sent or received since. The cursor is the query
// of a page: each is asked for at our own place.
func (c *connection) List(ctx context.Context, since time.Time, cursor string) (channel.Page, error) {
	if rest, ok := strings.CutPrefix(cursor, telephony.CallCursor); ok {
		return c.pageOfCalls(ctx, since.Add(-telephony.ClockSkew), rest)
	}
	if chats, ok := strings.CutPrefix(cursor, chatCursor); ok {
		return c.listChats(ctx, since.Add(-telephony.ClockSkew), chats)
	}
	query := url.Values{"DateSent>": {since.Add(-telephony.ClockSkew).UTC().Format(time.DateOnly)}, "PageSize": {pageSize}}
	if cursor != "" {
		query = valuesOf(cursor)
	}
	answer, failed := c.call(ctx, http.MethodGet, c.account.JoinPath("Messages"), query)
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
		if err := c.add(ctx, &listed, raw, since.Add(-telephony.ClockSkew)); err != nil {
			return channel.Page{}, err
		}
	}
	if next := queryOf(read.Next); len(read.Messages) > 0 {
		listed.Next = next
	}
	switch { // the chats are listed after the texts, where there are any, and the calls after the messages
	case listed.Next == "" && c.chatNumber != "":
		listed.Next = chatCursor
	case listed.Next == "":
		listed.Next = telephony.CallCursor
	}
	return listed, nil
}

// add reads one entry of the list; one that cannot be read, is not complete or is older, is left out: the list is asked
// for by the day.
func (c *connection) add(ctx context.Context, listed *channel.Page, raw json.RawMessage, since time.Time) error {
	var entry telephony.Message
	if !channel.Readable(raw, &entry) || entry.SID == "" || entry.Status == "" {
		return nil
	}
	at := timeOf(cmp.Or(entry.DateSent, entry.DateCreated), since)
	if at.Before(since) {
		return nil
	}
	if !entry.IsInbound() {
		receipt := vendor().Receipt(channel.SMS, entry.SID, entry.Status, string(entry.ErrorCode), c.api.Sentence(entry.ErrorMessage))
		channel.ParseCallbackQuery(entry.StatusCallback, &receipt)
		receipt.Account, receipt.From = c.project, telephony.Phone(entry.From)
		receipt.OccurredAt = timeOf(entry.DateUpdated, at)
		receipt.Segments, receipt.Part = telephony.Segments(channel.SMS, string(entry.Segments)), raw
		listed.Receipts = append(listed.Receipts, receipt)
		return nil
	}
	from, to := telephony.Phone(entry.From), telephony.Phone(entry.To)
	if !strings.EqualFold(entry.Status, wordReceived) || from == "" || to == "" {
		return nil
	}
	inbound := channel.Inbound{
		Kind: channel.SMS, ExternalID: entry.SID, Account: c.project,
		From: from, To: []string{to}, Body: entry.Body,
		OccurredAt: timeOf(entry.DateCreated, at), // it is sent when its webhook is
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
