package twilio

import (
	"context"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

var _ channel.Dater = (*connection)(nil)

// WrittenAt implements channel.Dater: a webhook brings no time, the message it is about has one.
func (c *connection) WrittenAt(ctx context.Context, inbound channel.Inbound) (time.Time, error) {
	ask := func(sid string) (channel.Answer, *channel.Error) {
		return c.call(ctx, c.sender, func(api *openapi.ApiService) error {
			_, err := api.FetchMessage(sid, &openapi.FetchMessageParams{})
			return err
		})
	}
	return vendor().WrittenAt(inbound, ask, c.refusal)
}
