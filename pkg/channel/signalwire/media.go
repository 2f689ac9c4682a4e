package signalwire

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
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
	var read struct {
		Files []struct {
			SID         string `json:"sid"`
			ContentType string `json:"content_type"`
		} `json:"media_list"`
	}
	if !answer.OK() || !channel.Readable(answer.Body, &read) {
		return nil, nil
	}
	var files []channel.Media
	for _, file := range read.Files[:min(len(read.Files), maxMedia)] {
		at := place.JoinPath(url.PathEscape(file.SID))
		files = append(files, channel.Media{URL: at.String(), ContentType: file.ContentType})
	}
	return files, nil
}

var _ channel.MediaAuthorizer = (*connection)(nil)

// AuthorizeMedia implements channel.MediaAuthorizer: where the space protects its files, they are given to the project
// alone.
func (c *connection) AuthorizeMedia(request *http.Request) {
	at := request.URL
	sameHost := strings.EqualFold(at.Host, c.account.Host) && at.Scheme == c.account.Scheme
	if sameHost && strings.HasPrefix(at.Path, c.account.Path+"/") {
		request.SetBasicAuth(c.project, c.token)
	}
}
