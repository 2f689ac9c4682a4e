package postmark

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

const (
	// clockSkew is how far the provider's clock may be behind ours. An entry is known by our ids, so it can be generous.
	clockSkew = 10 * time.Minute
	pageSize  = "50"
)

// entry is one message in the provider's list.
type entry struct {
	MessageID  string
	ReceivedAt string
	Status     string
	Metadata   metadata
}

// Find implements channel.Finder: the provider searches by the metadata that carries our message id.
func (c *connection) Find(ctx context.Context, outbound channel.Outbound, since time.Time) (channel.Found, error) {
	at := c.base.JoinPath("messages", "outbound")
	at.RawQuery = url.Values{
		"count": {pageSize}, "offset": {"0"}, "messagestream": {c.stream},
		"metadata_" + metaMessage: {outbound.MessageID},
	}.Encode()
	answer, failed := c.call(ctx, http.MethodGet, at, http.NoBody)
	if failed != nil {
		return channel.Found{}, failed
	}
	if !answer.OK() {
		return channel.Found{}, c.refusal(answer)
	}
	var listed struct{ Messages *[]entry }
	if json.Unmarshal(answer.Body, &listed) != nil || listed.Messages == nil {
		return channel.Found{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	for _, candidate := range *listed.Messages {
		if candidate.is(outbound, since) {
			return c.fate(ctx, candidate, outbound), nil
		}
	}
	return channel.Found{}, fmt.Errorf("finding message %s: %w", outbound.MessageID, channel.ErrNotFound)
}

// is tells whether the entry is this attempt of the message.
func (e entry) is(outbound channel.Outbound, since time.Time) bool {
	return e.MessageID != "" && e.Metadata[metaMessage] == outbound.MessageID &&
		e.Metadata[metaWorkspace] == outbound.WorkspaceID &&
		channel.ParseAttempt(e.Metadata[metaAttempt]) == outbound.Attempt &&
		!timeOf(e.ReceivedAt, since).Before(since.Add(-clockSkew))
}

// history is what the provider tells of one message.
type history struct {
	MessageEvents []struct {
		Recipient, Type string
		Details         struct{ Summary string }
	}
}

// fate is what became of a message that was found. That it was found is worth more than the rest: what cannot be asked is
// left out.
func (c *connection) fate(ctx context.Context, of entry, outbound channel.Outbound) channel.Found {
	found := channel.Found{Accepted: accepted(of.MessageID)}
	found.ProviderStatus = of.Status
	var told history
	if c.get(ctx, []string{"messages", "outbound", of.MessageID, "details"}, nil, &told) != nil {
		return found
	}
	for _, happened := range told.MessageEvents {
		next := map[string]channel.Status{
			"Delivered": channel.Delivered, "Opened": channel.Opened, "LinkClicked": channel.Clicked, "Bounced": channel.Bounced,
		}[happened.Type]
		if email.IsOther(email.Mark(outbound.To), happened.Recipient) || found.Status.Advance(next) == found.Status {
			continue
		}
		found.Status, found.ProviderStatus, found.Failure = next, happened.Type, nil
		if next == channel.Bounced {
			found.Failure = channel.NewFailure(channel.CodeBounced, happened.Type, happened.Details.Summary)
			found.Failure.Retryable = true // whether it bounced for good is not told here
		}
	}
	return found
}
