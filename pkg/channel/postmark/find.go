package postmark

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
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
			found := accepted(candidate.MessageID)
			found.ProviderStatus = candidate.Status
			return channel.Found{Accepted: found}, nil
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
