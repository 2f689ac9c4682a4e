// Package standing knows how a workspace stands with its customers, from local copies of buckets: who wants no messages,
// who can be answered freely, whose phone rings, and which
// own accounts their provider refuses. It needs no database.
package standing

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// Directory answers from its copies. It is safe for concurrent use.
type Directory struct {
	consents *bus.Mirror[*eventv1.Consent]
	windows  *bus.Mirror[*bucketv1.Window]
	calls    *bus.Mirror[*bucketv1.CallSettings]
	held     *bus.Mirror[*bucketv1.HeldCredential]
}

// Opener opens buckets.
type Opener interface {
	Bucket(ctx context.Context, name string) (*bus.Bucket, error)
}

// New loads the buckets and follows them until Stop.
func New(ctx context.Context, buckets Opener) (_ *Directory, err error) {
	d := &Directory{}
	defer func() {
		if err != nil {
			d.Stop()
		}
	}()
	if d.consents, err = follow(ctx, buckets, event.BucketConsent, func() *eventv1.Consent { return &eventv1.Consent{} }); err != nil {
		return nil, err
	}
	if d.windows, err = follow(ctx, buckets, event.BucketWindows, func() *bucketv1.Window { return &bucketv1.Window{} }); err != nil {
		return nil, err
	}
	if d.calls, err = follow(ctx, buckets, event.BucketCalls, func() *bucketv1.CallSettings { return &bucketv1.CallSettings{} }); err != nil {
		return nil, err
	}
	d.held, err = follow(ctx, buckets, event.BucketHeld, func() *bucketv1.HeldCredential { return &bucketv1.HeldCredential{} })
	return d, err
}

func follow[T proto.Message](ctx context.Context, buckets Opener, name string, fresh func() T) (*bus.Mirror[T], error) {
	bucket, err := buckets.Bucket(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("opening the bucket %s: %w", name, err)
	}
	mirror, err := bus.NewMirror(ctx, bucket, fresh)
	if err != nil {
		return nil, fmt.Errorf("following the bucket %s: %w", name, err)
	}
	return mirror, nil
}

// Stop ends following. A second call does nothing.
func (d *Directory) Stop() {
	if d.consents != nil {
		d.consents.Stop()
	}
	if d.windows != nil {
		d.windows.Stop()
	}
	if d.calls != nil {
		d.calls.Stop()
	}
	if d.held != nil {
		d.held.Stop()
	}
}

// OptedOut is the consent of an address that wants no messages; false when it may be written to.
func (d *Directory) OptedOut(ws workspace.ID, kind channel.Kind, address string) (*eventv1.Consent, bool) {
	consent, ok := d.consents.Get(event.ConsentKey(ws, kind, address))
	return consent, ok && consent.GetState() == channel.OptedOutState
}

// IsWindowOpen tells whether the customer of a conversation can be answered freely, on a channel that has a window.
func (d *Directory) IsWindowOpen(ws workspace.ID, conversationID string, now time.Time) bool {
	window, ok := d.windows.Get(event.WindowKey(ws, conversationID))
	return ok && now.Before(window.GetExpiresAt().AsTime())
}

// CallSettings is what the workspace does with calls; nil when it has not said.
func (d *Directory) CallSettings(ws workspace.ID) *bucketv1.CallSettings {
	settings, _ := d.calls.Get(event.CallSettingsKey(ws))
	return settings
}

// Held is why messages of a workspace's own credential wait; false when they do not.
func (d *Directory) Held(ws workspace.ID, credentialID string) (*bucketv1.HeldCredential, bool) {
	return d.held.Get(event.CredentialKey(ws, credentialID))
}
