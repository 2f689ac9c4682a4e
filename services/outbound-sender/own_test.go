package sender_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

const (
	ownAccount    = "8f0d3f0a-0000-4000-8000-0000000000bb"
	ownCredential = "8f0d3f0a-0000-4000-8000-0000000000cc"
)

// owner is a world with keys to seal credentials with.
type owner struct {
	*world
	keys *seal.Keys
}

func newOwner(t *testing.T, vendors ...*vendor) *owner {
	t.Helper()
	keys, err := seal.Generate()
	require.NoError(t, err)
	return &owner{newWorld(t, vendors...), keys}
}

// start runs a sender that has the keys and may call the vendors.
func (o *owner) start(change ...func(*sender.Config)) (stop func()) {
	o.t.Helper()
	return o.world.start(append(change, func(c *sender.Config) {
		private, err := o.keys.JSON()
		require.NoError(o.t, err)
		c.Sealing.Keys = string(private)
		for _, v := range o.vendors {
			c.AllowedPrivateHosts = append(c.AllowedPrivateHosts, strings.TrimPrefix(v.server.URL, "http://"))
		}
	})...)
}

// credential is the workspace's own at the vendor.
func (o *owner) credential(ws workspace.ID, v *vendor, key string) *bucketv1.Credential {
	o.t.Helper()
	public, err := o.keys.Public()
	require.NoError(o.t, err)
	sealer, err := seal.NewSealer(public)
	require.NoError(o.t, err)
	sealed, err := sealer.Seal(key, seal.Place{Workspace: ws, Credential: ownCredential, Field: "key"})
	require.NoError(o.t, err)
	return &bucketv1.Credential{
		WorkspaceId: ws.String(), Id: ownCredential, Provider: v.name, ProviderAccount: "own", Token: "t-" + ws.String(),
		Secrets: map[string]*bucketv1.SealedSecret{"key": {Sealed: sealed}},
	}
}

// own gives a workspace a channel account that goes by its own credential.
func (o *owner) own(ws workspace.ID, v *vendor, key string) {
	o.t.Helper()
	o.put(event.BucketCredentials, event.CredentialKey(ws, ownCredential), o.credential(ws, v, key))
	o.put(event.BucketRoutes, event.RouteKey(v.name, "own", channel.SMS, "+1600"+ws.String()), &bucketv1.Route{
		WorkspaceId: ws.String(), ChannelAccountId: ownAccount, Channel: string(channel.SMS), Provider: v.name,
		ProviderAccount: "own", Mode: "byoc", CredentialId: ownCredential, Address: "+16002000001",
	})
}

func ownRequest(ws workspace.ID, v *vendor, conversation, body string) *eventv1.SendMessage {
	send := request(ws, v, conversation, body)
	send.Mode, send.ChannelAccountId, send.From = "byoc", ownAccount, "+16002000001"
	return send
}

func (v *vendor) keyOf(send *eventv1.SendMessage) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.keys[send.GetMessageId()]
}

func TestOwn_EachMessageLeavesOnceByTheAccountItWasAcceptedFor(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "lines")
	o := newOwner(t, v)
	ws := o.newWorkspace(v)
	o.own(ws, v, "own key")
	o.start()
	var sends []*eventv1.SendMessage
	for i := range 200 {
		accept := request
		if i/20%2 == 1 { // the workspace switches again and again
			accept = ownRequest
		}
		sends = append(sends, accept(ws, v, fmt.Sprint("c", i%7), strconv.Itoa(i)))
	}
	o.publishAll(sends)
	for _, send := range sends {
		o.await(send, "accepted")
		want, callback := "secret", "/api/webhooks/lines?" // what the environment says
		if send.GetMode() == "byoc" {
			want, callback = "own key", "/api/webhooks/lines/t-"+ws.String()+"?"
		}
		require.Equal(t, want, v.keyOf(send))
		require.Equal(t, send.GetMode(), o.entry(send).GetMode())
		require.Contains(t, v.sent(send).StatusURL, callback)
	}
	require.Len(t, v.bodies(), len(sends), "each once")
}

func (v *vendor) sent(send *eventv1.SendMessage) channel.Outbound {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, message := range v.taken {
		if message.MessageID == send.GetMessageId() {
			return message
		}
	}
	return channel.Outbound{}
}

func TestOwn_ARevokedCredentialHoldsItsQueueUntilItIsReplaced(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "lines")
	v.refuses = "revoked"
	o := newOwner(t, v)
	ws, neighbour := o.newWorkspace(v), o.newWorkspace(v)
	o.own(ws, v, "revoked")
	o.start()
	var held []*eventv1.SendMessage
	for i := range 20 {
		held = append(held, ownRequest(ws, v, fmt.Sprint("c", i%3), strconv.Itoa(i)))
		o.publish(held[i])
	}
	unaffected := request(neighbour, v, "c", "by the platform")
	own := request(ws, v, "c", "by the platform too")
	o.publish(unaffected)
	o.publish(own)
	o.await(unaffected, "accepted")
	o.await(own, "accepted")
	require.Eventually(t, func() bool { return v.requests() >= 3 }, patience, time.Millisecond)
	require.Len(t, v.bodies(), 2)
	require.Eventually(t, func() bool { return o.heldSince(ws).Before(time.Now()) }, patience, time.Millisecond)

	o.own(ws, v, "renewed")
	for _, send := range held {
		o.await(send, "accepted")
		require.Equal(t, "renewed", v.keyOf(send))
	}
	require.Len(t, v.bodies(), 22, "each once")
	require.Eventually(t, func() bool { return o.heldSince(ws).After(time.Now()) }, patience, time.Millisecond)
}

// heldSince is since when the workspace's own credential is told to be held; a time to come when it is not.
func (o *owner) heldSince(ws workspace.ID) time.Time {
	o.t.Helper()
	bucket, err := o.bus.Bucket(o.t.Context(), event.BucketHeld)
	require.NoError(o.t, err)
	entry, err := bucket.Get(o.t.Context(), event.CredentialKey(ws, ownCredential))
	if err != nil {
		require.ErrorIs(o.t, err, bus.ErrKeyNotFound)
		return time.Now().Add(time.Hour)
	}
	held := &bucketv1.HeldCredential{}
	require.NoError(o.t, proto.Unmarshal(entry.Value, held))
	require.NotEmpty(o.t, held.GetReason())
	return held.GetSince().AsTime()
}

func TestOwn_WhatWaitsForACredentialThatIsRemovedEnds(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "lines")
	v.refuses = "revoked"
	o := newOwner(t, v)
	ws := o.newWorkspace(v)
	o.own(ws, v, "revoked")
	ready := make(chan string, 1)
	o.start(func(c *sender.Config) { c.Ready = func(address string) { ready <- address } })
	address := <-ready
	held := []*eventv1.SendMessage{ownRequest(ws, v, "c1", "one"), ownRequest(ws, v, "c1", "two"), ownRequest(ws, v, "c2", "three")}
	for _, send := range held {
		o.publish(send)
	}
	require.Eventually(t, func() bool { return o.heldSince(ws).Before(time.Now()) }, patience, 10*time.Millisecond)
	require.Equal(t, http.StatusOK, status(t, address), "one workspace's trouble is not the service's")

	for bucket, key := range map[string]string{
		event.BucketRoutes:      event.RouteKey(v.name, "own", channel.SMS, "+1600"+ws.String()),
		event.BucketCredentials: event.CredentialKey(ws, ownCredential),
	} {
		opened, err := o.bus.Bucket(t.Context(), bucket)
		require.NoError(t, err)
		require.NoError(t, opened.Delete(t.Context(), key))
	}
	for _, send := range held {
		require.Eventually(t, func() bool { return o.has(send) && o.entry(send).GetState() == "done" }, patience, 10*time.Millisecond)
		require.NotEqual(t, "sent", o.entry(send).GetStatus())
		require.NotEmpty(t, o.entry(send).GetFailure().GetMessage())
	}
	require.Eventually(t, func() bool { return o.heldSince(ws).After(time.Now()) }, patience, 10*time.Millisecond)
	require.Empty(t, v.bodies())
}

func TestOwn_ACredentialThatCannotBeUsedSendsNothing(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "lines")
	o := newOwner(t, v)
	moved, none := o.newWorkspace(v), o.newWorkspace(v)
	o.own(moved, v, "key")
	stolen := o.credential(workspace.NewID(), v, "another's key")
	stolen.WorkspaceId = moved.String()
	o.put(event.BucketCredentials, event.CredentialKey(moved, ownCredential), stolen)
	o.start()
	for _, send := range []*eventv1.SendMessage{ownRequest(moved, v, "c", "moved"), ownRequest(none, v, "c", "none")} {
		o.publish(send)
		require.Eventually(t, func() bool { return o.has(send) && o.entry(send).GetState() == "done" }, patience, time.Millisecond)
		require.NotEqual(t, "sent", o.entry(send).GetStatus())
	}
	require.Zero(t, v.requests())
}

func TestOwn_TheHostsATenantNamesAreGuarded(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "lines")
	o := newOwner(t, v)
	ws := o.newWorkspace(v)
	o.own(ws, v, "key")
	o.world.start(func(c *sender.Config) {
		private, err := o.keys.JSON()
		require.NoError(t, err)
		c.Sealing.Keys, c.RetryTries = string(private), 1
	})
	platform, own := request(ws, v, "c1", "platform"), ownRequest(ws, v, "c2", "own")
	o.publish(own)
	o.publish(platform)
	o.await(platform, "accepted")
	require.Eventually(t, func() bool { return o.has(own) && o.entry(own).GetState() != "claimed" }, patience, time.Millisecond)
	require.Equal(t, 1, v.requests(), "a server in our own network is called for nobody but the operator")
}

func TestOwn_CredentialsAreCheckedBeforeTheyAreSaved(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "lines")
	v.refuses = "wrong"
	o := newOwner(t, v)
	ws := o.newWorkspace(v)
	o.own(ws, v, "right")
	o.start()
	check := func(credential *bucketv1.Credential) (*senderv1.CheckCredentialResponse, error) {
		response := &senderv1.CheckCredentialResponse{}
		err := o.bus.Ask(t.Context(), event.AskSubject(ws, "credential", "check"),
			&senderv1.CheckCredentialRequest{Credential: credential}, response)
		return response, err
	}
	for key, valid := range map[string]bool{"right": true, "wrong": false} {
		require.Eventually(t, func() bool { // the sender is about to serve
			response, err := check(o.credential(ws, v, key))
			return err == nil && response.GetAnswered() && response.GetKeyValid() == valid
		}, patience, 10*time.Millisecond, key)
	}
	saved, err := check(&bucketv1.Credential{Id: ownCredential, Provider: v.name})
	require.NoError(t, err)
	require.True(t, saved.GetKeyValid(), "what is left out is what is saved")
	_, err = check(&bucketv1.Credential{Id: ownCredential, Provider: "nobody"})
	var refusal *bus.AskError
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "provider", refusal.Field)
	_, err = check(o.credential(workspace.NewID(), v, "another's"))
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "credential", refusal.Field, "it was sealed for another workspace")
}

func TestOwn_WrongKeysRefuseToStart(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "lines")
	o := newOwner(t, v)
	o.own(o.newWorkspace(v), v, "key")
	others, err := seal.Generate()
	require.NoError(t, err)
	private, err := others.JSON()
	require.NoError(t, err)
	require.ErrorContains(t, o.run(func(c *sender.Config) { c.Sealing.Keys = string(private) }), "sealing keys")
	require.ErrorContains(t, o.run(func(c *sender.Config) { c.Sealing.Keys = "{}" }), "sealing keys")
}
