package usage_test

import (
	"log/slog"
	"math/rand/v2"
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
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/invoice"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/project"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/replay"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/usage"
)

// mail is an e-mail to two people, with its reservation.
func (r *rig) mail(t *testing.T) *eventv1.SendMessage {
	t.Helper()
	const peer = "ann@example.com"
	period := plan.PeriodAt(time.Now(), r.terms.Zone)
	mark, err := r.counter.Reserve(t.Context(), quota.Request{
		Workspace: r.ws.ID, Terms: r.terms, Period: period, Meter: plan.Email, Units: 2,
	})
	require.NoError(t, err)
	send := &eventv1.SendMessage{
		WorkspaceId: r.ws.ID.String(), MessageId: uuid.NewString(), Channel: "email", ChannelAccountId: r.ws.Email.String(),
		ConversationId: conversation.DeriveID(r.ws.ID, channel.Email, r.ws.Email.String(), peer), Provider: "mail", Mode: "platform",
		From: r.ws.Inbox, To: peer, Cc: []string{"ben@example.com"}, Body: "hello", AcceptedAt: timestamppb.Now(), Attempt: 1,
		Reservation: &eventv1.Reservation{Period: period.String(), Meter: "email", CountedWith: "email", Units: 2, Mark: mark},
	}
	_, err = r.Bus.Publish(t.Context(), bus.Publishing{
		Subject: event.SendSubject(r.ws.ID, channel.Email), ID: send.GetMessageId(), Payload: send,
	})
	require.NoError(t, err)
	return send
}

// call is an incoming call of two minutes and a bit.
func (r *rig) call(t *testing.T) {
	t.Helper()
	id := uuid.NewString()
	at := timestamppb.Now()
	_, err := r.Bus.Publish(t.Context(), bus.Publishing{
		Subject: event.InboundSubject(r.ws.ID, channel.Call), ID: id, Payload: &eventv1.MessageReceived{
			WorkspaceId: r.ws.ID.String(), MessageId: id, Channel: "call", ChannelAccountId: r.ws.SMS.String(), Provider: "phone",
			ConversationId: conversation.DeriveID(r.ws.ID, channel.Call, r.ws.SMS.String(), "+14155550123"),
			ExternalId:     id, From: "+14155550123", To: r.ws.Phone, OccurredAt: at, ReceivedAt: at,
			Call: &eventv1.Call{State: "completed", DurationSeconds: 130},
		},
	})
	require.NoError(t, err)
}

// ledger is what was used by meter, as a database says.
func (r *rig) ledger(t *testing.T, db *postgres.DB) map[string]int64 {
	t.Helper()
	got, err := usage.New(db, nil).Get(t.Context(), r.ws.ID, &storev1.GetUsageRequest{})
	require.NoError(t, err)
	used := map[string]int64{}
	for _, total := range got.GetTotals() {
		used[total.GetMeter()] += total.GetUnits()
		require.Zero(t, total.GetPending(), total.GetMeter())
	}
	return used
}

func TestAMonth_LedgerCountersInvoiceAndARecomputationAgreeToTheUnit(t *testing.T) {
	t.Parallel()
	r := setup(t)
	set, err := plans.New(r.DB, r.Relay, r.Logger).Set(t.Context(), r.ws.ID, &storev1.SetTermsRequest{
		PlanId: new("pro"), SpendCapMinor: new(int64(100_000)), Currency: "USD", Actor: &storev1.Actor{Kind: "session", Id: "ada"},
	})
	require.NoError(t, err)
	r.terms, err = plan.Read(set.GetTerms())
	require.NoError(t, err)

	type told struct {
		send     *eventv1.SendMessage
		status   string
		segments int32
	}
	var receipts []told
	want := map[string]int64{"sms": 0, "email": 0, "call_minute": 0}
	for i := range 120 {
		text, mail := r.send(t), r.mail(t)
		switch i % 4 {
		case 0, 1:
			receipts = append(receipts, told{text, "delivered", 3}, told{text, "sent", 3}, told{mail, "delivered", 0})
			want["sms"], want["email"] = want["sms"]+3, want["email"]+2
		case 2:
			receipts = append(receipts, told{text, "failed", 0}, told{mail, "bounced", 0})
			want["email"] += 2
		default:
			receipts = append(receipts, told{text, "undelivered", 1}, told{mail, "blocked", 0})
			want["sms"]++
		}
		if i%10 == 0 {
			r.call(t)
			want["call_minute"] += 3
		}
		if i%7 == 0 {
			r.reserve(t) // and no message: a gateway died
		}
	}
	receipts = append(receipts, receipts...)
	rand.Shuffle(len(receipts), func(i, j int) { receipts[i], receipts[j] = receipts[j], receipts[i] })
	for _, one := range receipts {
		r.reportOf(t, one.send, one.status, one.segments)
	}

	period := plan.PeriodAt(time.Now(), r.terms.Zone)
	require.Eventually(t, func() bool {
		held, err := quota.Read(t.Context(), r.quotas, r.ws.ID, period.String())
		used := quota.Used(held)
		return err == nil && used[plan.SMS] == want["sms"] && used[plan.Email] == want["email"] && used[plan.CallMinute] == want["call_minute"]
	}, patience, 10*time.Millisecond, "the counters")
	require.Equal(t, want, r.ledger(t, r.DB), "the ledger")

	issuer := invoice.New(r.DB, r.Logger, func() time.Time { return period.End().Add(invoice.Grace + time.Hour) })
	_, err = issuer.Issue(t.Context())
	require.NoError(t, err)
	listed, err := issuer.List(t.Context(), r.ws.ID, &storev1.ListInvoicesRequest{})
	require.NoError(t, err)
	invoiced := map[string]int64{}
	for _, line := range listed.GetInvoices()[0].GetLines() {
		if line.GetMeter() != "" {
			invoiced[line.GetMeter()] = line.GetUnits()
		}
	}
	require.Equal(t, want, invoiced, "the invoice")

	other := pgtest.Reopen(t, pgtest.Migrated(t))
	pgtest.CopyWorkspaces(t, r.DB, other)
	again := project.New(other, r.Bus, func(string, channel.Kind) time.Duration { return 0 }, func() {}, r.Logger)
	_, err = replay.All(t.Context(), r.Bus, again, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.Equal(t, want, r.ledger(t, other), "a recomputation from the streams")
}

// reportOf is report on the channel of a message.
func (r *rig) reportOf(t *testing.T, send *eventv1.SendMessage, status string, segments int32) {
	t.Helper()
	_, err := r.Bus.Publish(t.Context(), bus.Publishing{
		Subject: event.ReceiptSubject(r.ws.ID, channel.Kind(send.GetChannel())), ID: uuid.NewString(), Payload: &eventv1.MessageReceipt{
			WorkspaceId: send.GetWorkspaceId(), MessageId: send.GetMessageId(), Channel: send.GetChannel(), Provider: send.GetProvider(),
			ChannelAccountId: send.GetChannelAccountId(), Status: status, OccurredAt: timestamppb.Now(),
			DedupeKey: send.GetMessageId() + "/" + status, Step: "callback", Segments: segments,
		},
	})
	require.NoError(t, err)
}
