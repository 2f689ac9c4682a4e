package project_test

import (
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/project"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/replay"
)

// used is the ledger, a line for each effect: meter, units or ? while they are not known, mode and period.
func (b *bundle) used(t *testing.T, db *postgres.DB) []string {
	t.Helper()
	lines, err := postgres.Query(t.Context(), db, b.ws.ID, pgx.RowTo[string],
		"SELECT meter || ' ' || COALESCE(units::text, '?') || ' ' || mode || ' ' || period FROM usage_entries ORDER BY 1")
	require.NoError(t, err)
	return lines
}

// picture is a text with a file.
func (b *bundle) picture(peer string) *eventv1.SendMessage {
	send := b.text(peer, "look")
	send.Attachments = []*eventv1.Attachment{{Id: "f", BlobKey: "k", ContentType: "image/png"}}
	return send
}

func TestUsage_WhatEachOutcomeTakes(t *testing.T) {
	t.Parallel()
	reserved := &eventv1.Reservation{Period: "2026-11", Meter: "sms", CountedWith: "sms", Units: 1, Mark: 1}
	accepted := func(b *bundle, send *eventv1.SendMessage) *eventv1.MessageReceipt {
		r := b.receipt(send, "sent", "accepted")
		r.ExternalId, r.Attempt = "X"+send.GetMessageId(), 1
		return r
	}
	then := func(statuses ...string) func(b *bundle, send *eventv1.SendMessage) []*eventv1.MessageReceipt {
		return func(b *bundle, send *eventv1.SendMessage) []*eventv1.MessageReceipt {
			var told []*eventv1.MessageReceipt
			for _, status := range statuses {
				told = append(told, b.receipt(send, status, status))
			}
			return told
		}
	}
	for name, test := range map[string]struct {
		send func(b *bundle) *eventv1.SendMessage
		told func(b *bundle, send *eventv1.SendMessage) []*eventv1.MessageReceipt
		want string
	}{
		"on its way":                    {told: then("sending"), want: "sms ? platform 2026-11"},
		"delivered":                     {told: then("sent", "delivered"), want: "sms 1 platform 2026-11"},
		"undelivered costs":             {told: then("undelivered"), want: "sms 1 platform 2026-11"},
		"refused costs nothing":         {told: then("failed"), want: "sms 0 platform 2026-11"},
		"blocked costs nothing":         {told: then("blocked"), want: "sms 0 platform 2026-11"},
		"canceled costs nothing":        {told: then("canceled"), want: "sms 0 platform 2026-11"},
		"failed after it had been sent": {told: then("sent", "failed"), want: "sms 1 platform 2026-11"},
		"the provider counts the segments": {told: func(b *bundle, send *eventv1.SendMessage) []*eventv1.MessageReceipt {
			r := accepted(b, send)
			r.Segments = 3
			return []*eventv1.MessageReceipt{r}
		}, want: "sms 3 platform 2026-11"},
		"a picture": {send: func(b *bundle) *eventv1.SendMessage { return b.picture(customer) }, told: then("sent"), want: "mms 1 platform 2026-11"},
		"an e-mail counts its recipients": {send: func(b *bundle) *eventv1.SendMessage {
			send := b.mail("ann@example.com", "hello")
			send.Cc, send.Bcc = []string{"ben@example.com"}, []string{"eve@example.com"}
			return send
		}, told: then("sent", "delivered", "opened"), want: "email 3 platform 2026-11"},
		"an own account is counted as such": {send: func(b *bundle) *eventv1.SendMessage {
			send := b.text(customer, "mine")
			send.Mode = "byoc"
			return send
		}, told: then("sent"), want: "sms 1 byoc 2026-11"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, 1)
			send := b.text(customer, "hello")
			if test.send != nil {
				send = test.send(b)
			}
			send.Reservation = reserved
			if send.GetChannel() != "sms" || len(send.GetAttachments()) > 0 {
				send.Reservation = &eventv1.Reservation{Period: "2026-11"}
			}
			b.send(t, send)
			told := test.told(b, send)
			for range 2 { // repeated, and in any order
				rand.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
				for _, receipt := range told {
					b.report(t, receipt)
				}
			}
			b.send(t, send)
			b.settle(t)
			require.Equal(t, []string{test.want}, b.used(t, b.db))
		})
	}
}

func TestUsage_AnotherAttemptIsAnotherEffect(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	send := b.text(customer, "hello")
	send.Reservation = &eventv1.Reservation{Period: "2026-11"}
	b.send(t, send)
	first := b.receipt(send, "undelivered", "1")
	first.Attempt = 1
	b.report(t, first)
	b.settle(t)
	send.Attempt = 2
	b.send(t, send)
	second := b.receipt(send, "delivered", "2")
	second.Attempt = 2
	b.report(t, second)
	b.settle(t)
	require.Equal(t, []string{"sms 1 platform 2026-11", "sms 1 platform 2026-11"}, b.used(t, b.db))
}

func TestUsage_ACallTakesTheMinutesBegunAndItsRecording(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	call, missed := b.incoming(customer, "CA1"), b.incoming(customer, "CA2")
	at := timestamppb.New(time.Date(2026, 11, 5, 12, 0, 0, 0, time.UTC))
	call.OccurredAt, missed.OccurredAt = at, at
	b.receive(t, call)
	b.receive(t, missed)
	for range 2 {
		b.report(t, b.news(call.GetMessageId(), "ended", 60, &eventv1.Call{State: "completed", DurationSeconds: 61}))
		b.report(t, b.news(call.GetMessageId(), "recording", 62, &eventv1.Call{Recording: &eventv1.Attachment{Id: "r", BlobKey: "k"}}))
		b.report(t, b.news(missed.GetMessageId(), "ended", 60, &eventv1.Call{State: "no_answer"}))
	}
	b.settle(t)
	require.Equal(t, []string{"call_minute 2 platform 2026-11", "recording 1 platform 2026-11"}, b.used(t, b.db))
}

func TestUsage_ThePeriodIsAMonthOfTheWorkspacesZone(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.change(t, "UPDATE workspaces SET time_zone = 'Asia/Tokyo'")
	send := b.text(customer, "hello")
	send.AcceptedAt = timestamppb.New(time.Date(2026, 10, 31, 20, 0, 0, 0, time.UTC))
	b.send(t, send)
	b.settle(t)
	require.Equal(t, []string{"sms ? platform 2026-11"}, b.used(t, b.db))
}

// A month of everything, told twice and shuffled, gives the same ledger as reading the streams into an empty database.
func TestUsage_ARecomputationFromTheStreamsAgrees(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	statuses := []string{"sent", "delivered", "undelivered", "failed", "blocked"}
	var told []*eventv1.MessageReceipt
	for i := range 200 {
		send := []func() *eventv1.SendMessage{
			func() *eventv1.SendMessage { return b.text(customer, "hello") },
			func() *eventv1.SendMessage { return b.mail("ann@example.com", "hello") },
			func() *eventv1.SendMessage { return b.picture(customer) },
		}[i%3]()
		send.Reservation = &eventv1.Reservation{Period: "2026-11"}
		b.send(t, send)
		for range 2 {
			receipt := b.receipt(send, statuses[i%len(statuses)], "told")
			receipt.Segments = int32(i % 4)
			told = append(told, receipt)
		}
	}
	for range 10 {
		call := b.incoming(customer, uuid.NewString())
		b.receive(t, call)
		told = append(told, b.news(call.GetMessageId(), "ended", 9, &eventv1.Call{State: "completed", DurationSeconds: 125}))
	}
	rand.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
	for _, receipt := range told {
		b.report(t, receipt)
	}
	b.settle(t)
	ledger := b.used(t, b.db)
	require.Len(t, ledger, 210)

	other := pgtest.Reopen(t, pgtest.Migrated(t))
	pgtest.CopyWorkspaces(t, b.db, other)
	projector := project.New(other, b.bus, windows, func() {}, slog.New(slog.DiscardHandler))
	for range 2 {
		_, err := replay.All(t.Context(), b.bus, projector, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		require.Equal(t, ledger, b.used(t, other))
	}
}
