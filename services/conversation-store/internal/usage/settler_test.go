package usage_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/quota"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/project"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/usage"
)

const patience = 30 * time.Second

// rig is a projector and a settler at work, and a workspace of the plan free.
type rig struct {
	*storetest.Store

	ws      *storetest.Workspace
	quotas  *bus.Bucket
	terms   plan.Terms
	counter *quota.Counter
}

func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{Store: storetest.New(t)}
	require.NoError(t, r.Bus.Ensure(t.Context(), event.Streams(), event.Buckets()))
	r.ws = r.NewWorkspace(t)
	set, err := plans.New(r.DB, r.Relay, r.Logger).Set(t.Context(), r.ws.ID, &storev1.SetTermsRequest{
		PlanId: new("free"), Actor: &storev1.Actor{Kind: "session", Id: "operator"},
	})
	require.NoError(t, err)
	r.terms, err = plan.Read(set.GetTerms())
	require.NoError(t, err)
	r.quotas, err = r.Bus.Bucket(t.Context(), event.BucketQuotas)
	require.NoError(t, err)
	r.counter = quota.New(r.quotas)

	settler := usage.NewSettler(r.DB, r.Bus, r.Logger, usage.SettlerConfig{Every: 10 * time.Millisecond, Leak: time.Second})
	projector := project.New(r.DB, r.Bus, func(string, channel.Kind) time.Duration { return 0 }, func() {}, r.Logger)
	projector.OnUse(settler.Touch)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(stop)
	for _, run := range []func(context.Context) error{settler.Run, projector.Run} {
		ended := make(chan error, 1)
		go func() { ended <- run(ctx) }()
		t.Cleanup(func() {
			stop()
			require.NoError(t, <-ended)
		})
	}
	return r
}

// reserve takes one text of the allowance, as a gateway does.
func (r *rig) reserve(t *testing.T) *eventv1.Reservation {
	t.Helper()
	period := plan.PeriodAt(time.Now(), r.terms.Zone)
	mark, err := r.counter.Reserve(t.Context(), quota.Request{
		Workspace: r.ws.ID, Terms: r.terms, Period: period, Meter: plan.SMS, Units: 1,
	})
	require.NoError(t, err)
	return &eventv1.Reservation{Period: period.String(), Meter: "sms", CountedWith: "sms", Units: 1, Mark: mark}
}

func (r *rig) send(t *testing.T) *eventv1.SendMessage {
	t.Helper()
	const peer = "+14155550123"
	send := &eventv1.SendMessage{
		WorkspaceId: r.ws.ID.String(), MessageId: uuid.NewString(), Channel: "sms", ChannelAccountId: r.ws.SMS.String(),
		ConversationId: conversation.DeriveID(r.ws.ID, channel.SMS, r.ws.SMS.String(), peer), Provider: "phone", Mode: "platform",
		From: r.ws.Phone, To: peer, Body: "hello", AcceptedAt: timestamppb.Now(), Attempt: 1, Reservation: r.reserve(t),
	}
	_, err := r.Bus.Publish(t.Context(), bus.Publishing{
		Subject: event.SendSubject(r.ws.ID, channel.SMS), ID: send.GetMessageId(), Payload: send,
	})
	require.NoError(t, err)
	return send
}

func (r *rig) report(t *testing.T, send *eventv1.SendMessage, status string, segments int32) {
	t.Helper()
	key := send.GetMessageId() + "/" + status
	_, err := r.Bus.Publish(t.Context(), bus.Publishing{
		Subject: event.ReceiptSubject(r.ws.ID, channel.SMS), ID: key, Payload: &eventv1.MessageReceipt{
			WorkspaceId: send.GetWorkspaceId(), MessageId: send.GetMessageId(), Channel: "sms", Provider: "phone",
			ChannelAccountId: send.GetChannelAccountId(), Status: status, OccurredAt: timestamppb.Now(), DedupeKey: key,
			Step: "callback", Segments: segments,
		},
	})
	require.NoError(t, err)
}

// requireUsed waits until the quotas say that so many texts are used.
func (r *rig) requireUsed(t *testing.T, want int64, why string) {
	t.Helper()
	require.Eventually(t, func() bool {
		held, err := quota.Read(t.Context(), r.quotas, r.ws.ID, plan.PeriodAt(time.Now(), r.terms.Zone).String())
		return err == nil && quota.Used(held)[plan.SMS] == want
	}, patience, 5*time.Millisecond, why)
}

func TestSettler_GivesBackWhatWasNotUsed(t *testing.T) {
	t.Parallel()
	r := setup(t)
	sent, refused, long := r.send(t), r.send(t), r.send(t)
	r.requireUsed(t, 3, "reserved while they are under way")
	r.report(t, sent, "delivered", 1)
	r.report(t, refused, "failed", 0)
	r.report(t, long, "sent", 3)
	r.requireUsed(t, 4, "1 and 3 segments, and nothing for what was refused")

	got, err := usage.New(r.DB, nil).Get(t.Context(), r.ws.ID, &storev1.GetUsageRequest{})
	require.NoError(t, err)
	require.Len(t, got.GetTotals(), 1)
	require.EqualValues(t, 4, got.GetTotals()[0].GetUnits(), "the ledger says the same")
	require.EqualValues(t, 2, got.GetTotals()[0].GetEntries())
	require.Equal(t, "free", got.GetTerms().GetPlanId())
}

func TestSettler_FindsReservationsWithoutAMessage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.reserve(t) // the gateway died before it published
	r.send(t)
	r.reserve(t)
	r.requireUsed(t, 1, "only that of a message stays")
	r.reserve(t)
	r.requireUsed(t, 1, "and again")
}

func TestLedger_ListsEveryEffectOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	sent := map[string]bool{}
	for range 7 {
		send := r.send(t)
		sent[send.GetMessageId()] = true
		r.report(t, send, "sent", 2)
	}
	r.requireUsed(t, 14, "all are settled")
	ledger := usage.New(r.DB, nil)
	request := &storev1.ListUsageRequest{Period: plan.PeriodAt(time.Now(), time.UTC).String(), Limit: 3}
	var listed int
	for {
		page, err := ledger.List(t.Context(), r.ws.ID, request)
		require.NoError(t, err)
		for _, entry := range page.GetEntries() {
			require.True(t, sent[entry.GetMessageId()])
			delete(sent, entry.GetMessageId())
			require.EqualValues(t, 2, entry.GetUnits())
			require.True(t, entry.GetSettled())
			listed++
		}
		if request.Cursor = page.GetNextCursor(); request.GetCursor() == "" {
			break
		}
	}
	require.Equal(t, 7, listed)
	_, err := ledger.List(t.Context(), r.ws.ID, &storev1.ListUsageRequest{Period: "November"})
	storetest.RequireRefusal(t, err, bus.CodeInvalid, "period")
	_, err = ledger.Get(t.Context(), r.ws.ID, &storev1.GetUsageRequest{Period: "2026-13"})
	storetest.RequireRefusal(t, err, bus.CodeInvalid, "period")
}
