package hook

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

const thread = "5b0f3b86-1c0e-5a5e-9d7a-0123456789ab"

func platform() Endpoint { return Endpoint{Provider: "acme", Account: "account"} }

func routeTo(ws workspace.ID, kind channel.Kind, address string) *bucketv1.Route {
	return &bucketv1.Route{
		WorkspaceId: ws.String(), ChannelAccountId: "channel-account", Channel: string(kind), Provider: "acme",
		ProviderAccount: "account", Address: address,
	}
}

// bucket is what the router asks: routes by address, or an outage.
type bucket struct {
	routes map[string]*bucketv1.Route
	err    error
}

func (b bucket) ask(_ context.Context, key string) (*bucketv1.Route, bool, error) {
	for address, route := range b.routes {
		if key == event.RouteKey("acme", "account", channel.Kind(route.GetChannel()), address) {
			return route, true, b.err
		}
	}
	return nil, false, b.err
}

func TestAddressees_that_cannot_be_asked_for_are_no_unknown_address(t *testing.T) {
	t.Parallel()
	outage := errors.New("no answer")
	_, err := NewRouter(bucket{err: outage}.ask).addressees(t.Context(), platform(), channel.Inbound{
		Kind: channel.SMS, To: []string{"+15002000001"},
	})
	require.ErrorIs(t, err, outage)
}

func TestAddressees_the_copy_does_not_have_yet_are_asked_for_beside_those_it_has(t *testing.T) {
	t.Parallel()
	ws, other := workspace.NewID(), workspace.NewID()
	mine, theirs := "support@acme.example", "hello@globex.example"
	held := bucket{routes: map[string]*bucketv1.Route{
		mine: routeTo(ws, channel.Email, mine), theirs: routeTo(other, channel.Email, theirs),
	}}
	router := NewRouter(held.ask)
	router.Apply(event.RouteKey("acme", "account", channel.Email, mine), held.routes[mine], false)
	for name, to := range map[string][]string{
		"after":                    {mine, "bob@client.example", theirs},
		"before":                   {theirs, mine},
		"named by its reply token": {mine, conversation.ReplyAddress(theirs, thread)},
	} {
		found, err := router.addressees(t.Context(), platform(), channel.Inbound{Kind: channel.Email, To: to})
		require.NoError(t, err, name)
		require.Len(t, found, 2, name)
	}

	asked := 0
	router.ask = func(context.Context, string) (*bucketv1.Route, bool, error) {
		asked++
		return nil, false, nil
	}
	found, err := router.addressees(t.Context(), platform(), channel.Inbound{Kind: channel.Email, To: []string{mine}})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Zero(t, asked, "what the copy knows is not asked for")

	to := append(slices.Repeat([]string{"bob@client.example"}, 100), mine)
	found, err = router.addressees(t.Context(), platform(), channel.Inbound{Kind: channel.Email, To: to})
	require.NoError(t, err)
	require.Len(t, found, 1, "however many others there are, what the copy knows is found")
	require.Equal(t, maxAsked, asked)
}

func TestAddressees_take_the_address_that_names_the_conversation(t *testing.T) {
	t.Parallel()
	ws, address := workspace.NewID(), "support@acme.example"
	router := NewRouter(bucket{}.ask)
	router.Apply(event.RouteKey("acme", "account", channel.Email, address), routeTo(ws, channel.Email, address), false)
	found, err := router.addressees(t.Context(), platform(), channel.Inbound{
		Kind: channel.Email, To: []string{address, conversation.ReplyAddress(address, thread)},
	})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, thread, found[0].conversationID)
}

func TestOfReceipt_asks_for_an_address_the_copy_does_not_have_yet(t *testing.T) {
	t.Parallel()
	ws, other, address := workspace.NewID(), workspace.NewID(), "+15002000001"
	held := bucket{routes: map[string]*bucketv1.Route{address: routeTo(ws, channel.SMS, address)}}
	receipt := channel.Receipt{Kind: channel.SMS, ExternalID: "x", From: address, WorkspaceID: ws.String(), MessageID: thread}

	route, known, err := NewRouter(held.ask).ofReceipt(t.Context(), platform(), receipt)
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, ws.String(), route.GetWorkspaceId())

	receipt.WorkspaceID = other.String()
	_, known, err = NewRouter(held.ask).ofReceipt(t.Context(), platform(), receipt)
	require.NoError(t, err)
	require.False(t, known, "another workspace's address")

	held.err = errors.New("no answer")
	_, _, err = NewRouter(held.ask).ofReceipt(t.Context(), platform(), receipt)
	require.ErrorIs(t, err, held.err)

	receipt.Account = "another account"
	_, known, err = NewRouter(held.ask).ofReceipt(t.Context(), platform(), receipt)
	require.NoError(t, err)
	require.False(t, known)
}
