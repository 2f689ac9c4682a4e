package signalwire

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

var _ channel.Dater = (*connection)(nil)

// WrittenAt implements channel.Dater: a webhook of the compatibility API brings no time, the message it is about has one.
// Those of the REST API, on which alone WhatsApp is, bring it.
func (c *connection) WrittenAt(ctx context.Context, inbound channel.Inbound) (time.Time, error) {
	if inbound.Kind != channel.SMS {
		return time.Time{}, fmt.Errorf("dating message %q: %w", inbound.ExternalID, channel.ErrNotFound)
	}
	ask := func(sid string) (channel.Answer, *channel.Error) {
		return c.call(ctx, http.MethodGet, c.account.JoinPath("Messages", sid), nil)
	}
	return vendor().WrittenAt(inbound, ask, c.refusal)
}
