package consent_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/consent"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

const peer = "+14155550123"

type bundle struct {
	*storetest.Store
	consents *consent.Consents
}

func setup(t *testing.T) bundle {
	t.Helper()
	store := storetest.New(t)
	return bundle{store, consent.New(store.DB, store.Relay, store.Logger, nil)}
}

// held is the entry of the bucket.
func (b bundle) held(t *testing.T, key string) *eventv1.Consent {
	t.Helper()
	value, ok := b.Keys(t, event.BucketConsent)[key]
	require.True(t, ok)
	var held eventv1.Consent
	require.NoError(t, proto.Unmarshal([]byte(value), &held))
	return &held
}

// say records a word as the projector would.
func (b bundle) say(t *testing.T, ws *storetest.Workspace, changes ...consent.Change) {
	t.Helper()
	for i := range changes {
		changes[i].Workspace = ws.ID
	}
	require.NoError(t, b.DB.ChangeInWorkspace(t.Context(), ws.ID, func(ctx context.Context, tx postgres.ChangeTx) error {
		_, err := consent.Write(ctx, tx, changes)
		return err
	}))
	require.NoError(t, b.Relay.Flush(t.Context()))
}

func TestAPersonDecides(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	c := ws.Add(t, storetest.Conversation{Peer: peer})[0]
	b.Exec(t, "INSERT INTO contact_addresses (workspace_id, channel, address, contact_id) VALUES ($1, 'sms', $2, $3)",
		ws.ID.UUID(), peer, c.Contact)
	ahead := time.Now().Add(time.Hour)
	b.say(t, ws, consent.Change{
		Channel: channel.SMS, Address: peer, State: "opted_out", Source: "keyword", Reason: "STOP", ChangedAt: ahead,
	})
	key := event.ConsentKey(ws.ID, channel.SMS, peer)
	require.Equal(t, "opted_out", b.held(t, key).GetState())

	response, err := b.consents.Set(t.Context(), ws.ID, &storev1.SetConsentRequest{
		Channel: "sms", Address: " +1 (415) 555-0123", State: "opted_in", Reason: " They asked on the phone. ", ChangedBy: ws.User.String(),
	})
	require.NoError(t, err)
	got := response.GetConsent()
	require.Equal(t, []string{"sms", peer, "opted_in", "person", "They asked on the phone.", ws.User.String()}, []string{
		got.GetChannel(), got.GetAddress(), got.GetState(), got.GetSource(), got.GetReason(), got.GetChangedBy(),
	})
	require.True(t, got.GetChangedAt().AsTime().After(ahead), "a decision counts, whatever clock the word before it had")
	require.True(t, proto.Equal(got, b.held(t, key)), "the answer can be relied on")

	_, last, err := b.Bus.Bounds(t.Context(), event.StreamChange)
	require.NoError(t, err)
	fact, err := b.Bus.ReadAt(t.Context(), event.StreamChange, last)
	require.NoError(t, err)
	var change eventv1.Change
	require.NoError(t, fact.Decode(&change))
	require.Equal(t, c.ID.String(), change.GetConversation().GetId())
	require.Equal(t, "opted_in", change.GetConversation().GetConsent().GetState())

	chat, err := b.consents.Set(t.Context(), ws.ID, &storev1.SetConsentRequest{
		Channel: "whatsapp", Address: "US.1349", State: "opted_out", Reason: "Wrong person.",
	})
	require.NoError(t, err)
	require.Equal(t, "US.1349", chat.GetConsent().GetAddress())
	require.Empty(t, chat.GetConsent().GetChangedBy())
}

func TestADecisionThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	for field, spoil := range map[string]func(*storev1.SetConsentRequest){
		"channel":   func(r *storev1.SetConsentRequest) { r.Channel = "pigeon" },
		"address":   func(r *storev1.SetConsentRequest) { r.Address = "somebody" },
		"state":     func(r *storev1.SetConsentRequest) { r.State = "maybe" },
		"reason":    func(r *storev1.SetConsentRequest) { r.Reason = "  " },
		"changedBy": func(r *storev1.SetConsentRequest) { r.ChangedBy = "me" },
	} {
		request := &storev1.SetConsentRequest{Channel: "sms", Address: peer, State: "opted_out", Reason: "why"}
		spoil(request)
		_, err := b.consents.Set(t.Context(), ws.ID, request)
		storetest.RequireRefusal(t, err, bus.CodeInvalid, field)
	}
	for _, reason := range []string{strings.Repeat("x", 501), "a\x00b"} {
		_, err := b.consents.Set(t.Context(), ws.ID, &storev1.SetConsentRequest{
			Channel: "sms", Address: peer, State: "opted_out", Reason: reason,
		})
		storetest.RequireRefusal(t, err, bus.CodeInvalid, "reason")
	}
	require.Empty(t, b.Keys(t, event.BucketConsent))
}

func TestConsentsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, other := b.NewWorkspace(t), b.NewWorkspace(t)
	base := time.Now().Add(-time.Hour).Truncate(time.Second)
	var want []string
	for i := range 5 {
		address := "+1415555010" + strconv.Itoa(i)
		state := []string{"opted_out", "opted_in"}[i%2]
		b.say(t, ws, consent.Change{
			Channel: channel.SMS, Address: address, State: state, Source: "keyword", ChangedAt: base.Add(time.Duration(i/2) * time.Minute),
		})
		want = append(want, address)
	}
	b.say(t, ws, consent.Change{
		Channel: channel.Email, Address: "a@example.com", State: "opted_out", Source: "bounce", ChangedAt: base.Add(-time.Minute),
	})
	b.say(t, other, consent.Change{Channel: channel.SMS, Address: peer, State: "opted_out", Source: "keyword", ChangedAt: base})
	list := func(request *storev1.ListConsentsRequest) (addresses []string) {
		for {
			page, err := b.consents.List(t.Context(), ws.ID, request)
			require.NoError(t, err)
			var times []time.Time
			for _, item := range page.GetItems() {
				require.Equal(t, ws.ID.String(), item.GetWorkspaceId())
				addresses, times = append(addresses, item.GetAddress()), append(times, item.GetChangedAt().AsTime())
			}
			require.True(t, slices.IsSortedFunc(times, func(a, b time.Time) int { return b.Compare(a) }))
			if request.Cursor = page.GetNextCursor(); request.GetCursor() == "" {
				return addresses
			}
		}
	}
	for _, limit := range []int32{0, 1, 2, 5, 6} {
		got := list(&storev1.ListConsentsRequest{Limit: limit})
		require.ElementsMatch(t, append(slices.Clone(want), "a@example.com"), got, limit)
		require.Equal(t, "a@example.com", got[len(got)-1])
	}
	require.ElementsMatch(t, []string{want[1], want[3]}, list(&storev1.ListConsentsRequest{State: "opted_in"}))
	require.Equal(t, []string{"a@example.com"}, list(&storev1.ListConsentsRequest{Channel: "email"}))
	require.Equal(t, want[2:3], list(&storev1.ListConsentsRequest{Address: want[2]}))
	for field, request := range map[string]*storev1.ListConsentsRequest{
		"channel": {Channel: "pigeon"}, "state": {State: "maybe"}, "limit": {Limit: 101}, "cursor": {Cursor: "x"},
	} {
		_, err := b.consents.List(t.Context(), ws.ID, request)
		storetest.RequireRefusal(t, err, bus.CodeInvalid, field)
	}
}

func TestANewerWordInTheBucketStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	opened, err := b.Bus.Bucket(t.Context(), event.BucketConsent)
	require.NoError(t, err)
	base := time.Now().Add(-time.Hour).Truncate(time.Second)
	key := event.ConsentKey(ws.ID, channel.SMS, peer)
	write := func(state string, at time.Time) {
		value, err := proto.Marshal(&eventv1.Consent{State: state, ChangedAt: timestamppb.New(at)})
		require.NoError(t, err)
		_, err = opened.Put(t.Context(), key, value)
		require.NoError(t, err)
	}
	say := func(state string, at time.Time) {
		b.say(t, ws, consent.Change{Channel: channel.SMS, Address: peer, State: state, Source: "keyword", ChangedAt: at})
	}
	write("opted_out", base.Add(time.Second))
	say("opted_in", base)
	require.Equal(t, "opted_out", b.held(t, key).GetState(), "the store is behind")
	say("opted_in", base.Add(2*time.Second))
	require.Equal(t, "opted_in", b.held(t, key).GetState())
	write("opted_out", base.Add(3*time.Second+999*time.Nanosecond))
	say("opted_out", base.Add(3*time.Second))
	require.Equal(t, "keyword", b.held(t, key).GetSource(), "the same moment as the rows have it")
	_, err = opened.Put(t.Context(), key, []byte("no consent"))
	require.NoError(t, err)
	say("opted_in", base.Add(4*time.Second))
	require.Equal(t, "opted_in", b.held(t, key).GetState())
}
