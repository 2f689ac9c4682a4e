package signalwire

import (
	"context"
	"net/http"
	"net/url"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// mediaOf lists the files of a message. The message whose files are gone, or may not be asked for, stays without.
func (c *connection) mediaOf(ctx context.Context, sid string) ([]channel.Media, *channel.Error) {
	place := c.account.JoinPath("Messages", url.PathEscape(sid), "Media")
	answer, failed := c.call(ctx, http.MethodGet, place, nil)
	switch {
	case failed != nil:
		return nil, failed
	case channel.ClassOfStatus(answer.Status) == channel.RateLimited, answer.Status >= http.StatusInternalServerError:
		return nil, c.refusal(answer)
	}
	return telephony.ListedMedia(answer, place), nil
}

var _ channel.MediaAuthorizer = (*connection)(nil)

// AuthorizeMedia implements channel.MediaAuthorizer: where the space protects its files, they are given to the project
// alone.
func (c *connection) AuthorizeMedia(request *http.Request) {
	if telephony.IsOfAccount(request.URL, c.account) {
		request.SetBasicAuth(c.project, c.token)
	}
}
