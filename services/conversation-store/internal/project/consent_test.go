package project_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// consent is what the rows say of an address: state, source and reason.
func (b *bundle) consent(t *testing.T, address string) string {
	t.Helper()
	return row[string](t, b, `SELECT COALESCE((
		SELECT state || ' ' || source || ' ' || reason FROM consents WHERE address = $1), 'nothing')`, address)
}

// projected are the entries for a bucket that wait in the outbox, the last of each key.
func projected[T any, M interface {
	*T
	proto.Message
}](t *testing.T, b *bundle, bucket string) map[string]M {
	t.Helper()
	entries := map[string]M{}
	require.NoError(t, b.db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		rows, err := tx.Query(ctx, "SELECT key, payload FROM outbox WHERE target = $1 ORDER BY id", bucket)
		require.NoError(t, err)
		var key string
		var payload []byte
		_, err = pgx.ForEachRow(rows, []any{&key, &payload}, func() error {
			entries[key] = new(T)
			return proto.Unmarshal(payload, entries[key])
		})
		return err
	}))
	return entries
}

func TestACustomerWhoSaysStopIsHeard(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	say := func(id, word, keyword string) {
		answer := b.answer(customer, id, word)
		answer.Keyword = keyword
		b.receive(t, answer)
		b.settle(t)
	}
	say("SM1", "hello", "")
	require.Equal(t, "nothing", b.consent(t, customer))
	say("SM2", " Stop. ", "stop")
	require.Equal(t, "opted_out keyword The customer wrote “Stop.”.", b.consent(t, customer))
	entry := projected[eventv1.Consent](t, b, event.BucketConsent)[event.ConsentKey(b.ws.ID, channel.SMS, customer)]
	require.Equal(t, "opted_out", entry.GetState())
	require.Equal(t, "keyword", entry.GetSource())
	require.Equal(t, customer, entry.GetAddress())
	require.WithinDuration(t, time.Now(), entry.GetChangedAt().AsTime(), time.Minute)
	say("SM3", "help", "help")
	require.Equal(t, "opted_out keyword The customer wrote “Stop.”.", b.consent(t, customer))
	say("SM4", "start", "start")
	require.Equal(t, "opted_in keyword The customer wrote “start”.", b.consent(t, customer))

	letter := b.letter(ann, "m", "Order")
	letter.Keyword = "stop"
	b.receive(t, letter)
	b.settle(t)
	require.Equal(t, "nothing", b.consent(t, ann), "e-mail has no words of command")
}

func TestWhatAProviderSaysOfAnAddressIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.receive(t, b.letter(ann, "hello", "Hello"))
	b.settle(t)
	wants := func(key, address, state, source string) *eventv1.MessageReceipt {
		return &eventv1.MessageReceipt{
			WorkspaceId: b.ws.ID.String(), Channel: "email", DedupeKey: key, OccurredAt: timestamppb.Now(),
			Consent: &eventv1.Consent{
				Channel: "email", Address: address, State: state, Source: source, Reason: "because", ChangedAt: timestamppb.Now(),
			},
			Raw: &eventv1.RawPayload{BodyBlobKey: "large"},
		}
	}
	b.report(t, wants("one", "Ann@Example.com", "opted_out", "unsubscribe"))
	b.settle(t)
	require.Equal(t, "opted_out unsubscribe because", b.consent(t, ann))
	require.Equal(t, []string{"conversation.created", "message.received", "conversation.updated"}, b.facts(t))
	require.Equal(t, "large", row[string](t, b, "SELECT body_blob_key FROM raw_payloads WHERE reference = 'one'"))
	require.Zero(t, row[int](t, b, "SELECT count(*) FROM message_events WHERE dedupe_key = 'one'"), "it is about no message")

	b.report(t, wants("two", ann, "perhaps", "provider"))
	b.report(t, wants("three", ann, "opted_in", "rumour"))
	b.settle(t)
	require.Equal(t, "opted_out unsubscribe because", b.consent(t, ann))
	require.Len(t, b.dead(t), 2)
}

func TestAnAddressThatTakesNoMessagesIsWrittenToNoMore(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	type end struct{ status, code, providerCode, want string }
	for name, end := range map[string]end{
		"bounced for good":    {"bounced", "bounced", "550", "opted_out bounce No such user."},
		"bounced for now":     {"bounced", "expired", "450", "nothing"},
		"complained":          {"complained", "complained", "", "opted_out complaint A message was reported as spam."},
		"held by provider":    {"failed", "opted_out", "21610", "opted_out provider No such user."},
		"held by ourselves":   {"blocked", "opted_out", "", "nothing"},
		"failed for a reason": {"failed", "refused", "1", "nothing"},
	} {
		for _, late := range []bool{false, true} {
			t.Run(name+" before its message "+strconv.FormatBool(late), func(t *testing.T) {
				t.Parallel()
				address := strconv.FormatBool(late) + "-" + conversation.DeriveID(b.ws.ID, channel.Email, "", name) + "@example.com"
				send := b.mail(address, "hello")
				ended := b.receipt(send, end.status, "end")
				ended.Failure = &eventv1.Failure{
					Code: end.code, ProviderCode: end.providerCode, Message: "No such user.", Retryable: end.code == "expired",
				}
				steps := []func(){func() { b.send(t, send) }, func() { b.report(t, ended) }}
				if late {
					steps[0], steps[1] = steps[1], steps[0]
				}
				for _, step := range steps {
					step()
					b.settle(t)
				}
				require.Equal(t, end.want, b.consent(t, address))
			})
		}
	}
	t.Run("but of several recipients nobody knows who it was", func(t *testing.T) {
		t.Parallel()
		send := b.mail("to@example.com", "hello")
		send.Cc = []string{"cc@example.com"}
		b.send(t, send)
		b.report(t, b.receipt(send, "bounced", "end"))
		b.settle(t)
		require.Equal(t, "nothing", b.consent(t, "to@example.com"))
	})
}

func TestTheNewestWordCountsWhateverOrderTheyComeIn(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	base := time.Now().Add(-time.Hour).Truncate(time.Second)
	words := []struct {
		state, source string
		after         time.Duration
	}{
		{"opted_out", "keyword", 0},
		{"opted_in", "keyword", time.Second},
		{"opted_out", "bounce", 2 * time.Second},
		{"opted_in", "provider", 2 * time.Second}, // at the same moment: the one that holds back counts
	}
	orders := permutations(len(words))
	peer := func(i int) string { return "+1415555" + strconv.Itoa(1000+i) }
	for i, order := range orders {
		for _, at := range order {
			b.report(t, &eventv1.MessageReceipt{
				WorkspaceId: b.ws.ID.String(), Channel: "sms", DedupeKey: strconv.Itoa(i) + "/" + strconv.Itoa(at),
				OccurredAt: timestamppb.Now(), Consent: &eventv1.Consent{
					Address: peer(i), State: words[at].state, Source: words[at].source, Reason: "x",
					ChangedAt: timestamppb.New(base.Add(words[at].after)),
				},
			})
		}
		if i%3 == 0 {
			b.settle(t)
		}
	}
	b.settle(t)
	for i, order := range orders {
		require.Equal(t, "opted_out bounce x", b.consent(t, peer(i)), order)
		key := event.ConsentKey(b.ws.ID, channel.SMS, peer(i))
		require.Equal(t, "opted_out", projected[eventv1.Consent](t, b, event.BucketConsent)[key].GetState(), order)
	}
}
