package account_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

// twoPhones are two providers of numbers; both serve texts and calls.
func twoPhones() []channel.PlatformAccount {
	phones := []channel.Kind{channel.SMS, channel.Call, channel.WhatsApp}
	return []channel.PlatformAccount{
		{
			Provider: "alpha", Account: "a", Channels: phones,
			Addresses: map[channel.Kind]string{channel.SMS: "+14155550100", channel.WhatsApp: "+14155550101"},
		},
		{
			Provider: "beta", Account: "b", Channels: phones[:2],
			Addresses: map[channel.Kind]string{channel.SMS: "+14155550102", channel.Call: "+14155550103"},
		},
	}
}

// offered is every route of a new workspace by provider and channel.
func (b bundle) offered(t *testing.T, email string) map[string]*bucketv1.Route {
	t.Helper()
	offered := map[string]*bucketv1.Route{}
	for _, route := range b.everyRoute(t, b.signUp(t, email, "Home").GetWorkspace().GetId()) {
		offered[route.GetProvider()+" "+route.GetChannel()] = route
	}
	return offered
}

func TestPeopleTextAndCallTheSameNumber(t *testing.T) {
	t.Parallel()
	b := setup(t, account.Config{Platform: twoPhones(), Sandbox: true})
	routes := b.offered(t, "one@example.com")
	require.Len(t, routes, 5)
	require.Equal(t, routes["alpha sms"].GetAddress(), routes["alpha call"].GetAddress())
	require.Equal(t, routes["alpha sms"].GetAddress(), routes["alpha whatsapp"].GetAddress())
	require.Equal(t, routes["beta sms"].GetAddress(), routes["beta call"].GetAddress())
	require.NotEqual(t, routes["alpha sms"].GetAddress(), routes["beta sms"].GetAddress())
	require.NotEqual(t, routes["alpha sms"].GetChannelAccountId(), routes["alpha call"].GetChannelAccountId())
	require.NotEqual(t, routes["alpha sms"].GetAddress(), b.offered(t, "two@example.com")["alpha sms"].GetAddress())
}

func TestThePlatformsNumberBelongsToOneWorkspaceOnEveryChannel(t *testing.T) {
	t.Parallel()
	b := setup(t, account.Config{Platform: twoPhones()})
	first := b.offered(t, "one@example.com")
	require.Equal(t, "+14155550100", first["alpha call"].GetAddress(), "calls come from the number that texts come from")
	require.Equal(t, "+14155550101", first["alpha whatsapp"].GetAddress())
	require.Equal(t, "+14155550103", first["beta call"].GetAddress(), "unless there is another")
	require.Empty(t, b.offered(t, "two@example.com"))
	require.Equal(t, 5, storetest.Value[int](t, b.Store, "SELECT count(*) FROM channel_accounts"))
}

func TestThePreferredProviderIsTheDefault(t *testing.T) {
	t.Parallel()
	for _, sandbox := range []bool{true, false} {
		b := setup(t, account.Config{
			Platform: twoPhones(), Sandbox: sandbox, Preferred: map[channel.Kind]string{channel.SMS: "beta", channel.WhatsApp: "gamma"},
		})
		defaults := map[string]bool{}
		for name, route := range b.offered(t, "one@example.com") {
			defaults[name] = route.GetIsDefault()
		}
		require.Equal(t, map[string]bool{
			"beta sms": true, "alpha sms": false, "alpha call": true, "beta call": false, "alpha whatsapp": true,
		}, defaults)
		require.Equal(t, "beta", storetest.Value[string](t, b.Store,
			"SELECT provider FROM workspace_communication_settings WHERE channel = 'sms'"))
	}
}

func TestAnUnfinishedChannelIsThereForWhoAsksForIt(t *testing.T) {
	t.Parallel()
	platform := twoPhones()
	platform[1].Channels = append(platform[1].Channels, channel.WhatsApp)
	unfinished := map[string][]channel.Kind{"alpha": {channel.WhatsApp}, "beta": {channel.WhatsApp}}
	for _, sandbox := range []bool{true, false} {
		b := setup(t, account.Config{Platform: platform, Sandbox: sandbox, Experimental: unfinished})
		routes := b.offered(t, "one@example.com")
		require.Contains(t, routes, "alpha whatsapp", "its address is set")
		require.NotContains(t, routes, "beta whatsapp")
	}
}

func TestAWorkspaceGetsTheChannelsThatCameAfterIt(t *testing.T) {
	t.Parallel()
	for _, sandbox := range []bool{true, false} {
		before := setup(t, account.Config{Platform: twoPhones()[:1], Sandbox: sandbox})
		first := before.signUp(t, "one@example.com", "Home").GetWorkspace().GetId()
		second := before.signUp(t, "two@example.com", "Home").GetWorkspace().GetId()
		number := before.routes(t, first)["sms"].GetAddress()
		before.Exec(t, "DELETE FROM channel_accounts WHERE channel = 'call'") // as if calls were new

		after, err := account.New(before.DB, before.Relay, before.Logger, account.Config{
			Platform: twoPhones(), Sandbox: sandbox, Preferred: map[channel.Kind]string{channel.SMS: "beta"},
		})
		require.NoError(t, err)
		for range 2 {
			require.NoError(t, after.Complete(t.Context()))
			require.Len(t, before.everyRoute(t, first), 5)
			require.Len(t, before.everyRoute(t, second), map[bool]int{true: 5, false: 0}[sandbox])
		}
		for _, route := range before.everyRoute(t, first) {
			if route.GetProvider() == "alpha" && route.GetChannel() == "call" {
				require.Equal(t, number, route.GetAddress())
				require.True(t, route.GetIsDefault())
			}
			if route.GetChannel() == "sms" {
				require.Equal(t, route.GetProvider() == "alpha", route.GetIsDefault(), "what is the default stays the default")
			}
		}
	}
}
