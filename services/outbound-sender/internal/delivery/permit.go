package delivery

import (
	"context"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/permit"
)

// fresh is how long after its acceptance a message is checked against the local copy of consents alone. One that has
// waited longer, for whatever reason, is asked for at the bucket: a STOP that was stored before then holds.
const fresh = time.Second

// permitted asks whether the customer wants the message and the channel's window is open. It is asked at every step,
// the last one right before the claim included: a STOP may arrive while a message waits.
func (t *task) permitted(ctx context.Context, exact bool) error {
	_, windowed := t.d.Credentials.About(t.send.GetProvider()).Windows[t.kind()]
	failure, err := t.d.Permits.Check(ctx, t.ws, t.send, permit.How{Windowed: windowed, Exact: exact})
	if err == nil && failure != nil {
		t.end = t.stopped(channel.Blocked, failure)
	}
	return err
}

// admit is the last look before the claim.
func (t *task) admit(ctx context.Context) error {
	if err := t.permitted(ctx, time.Since(t.m.Timestamp()) > fresh); err != nil || t.end != nil {
		return err
	}
	if !t.send.GetAutomatic() || t.counted {
		return nil
	}
	if !t.d.Automatic.Allow(t.ws.String()+"."+t.send.GetConversationId(), time.Now()) {
		t.end = t.stopped(channel.Blocked, channel.NewFailure(channel.CodeAutomaticLimit, "", ""))
	}
	t.counted = true
	return nil
}
