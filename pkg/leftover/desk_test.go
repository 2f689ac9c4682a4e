package leftover_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/leftover"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

func requireRefusal(t *testing.T, err error, code, message string) {
	t.Helper()
	refused, ok := errors.AsType[*bus.AskError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, code, refused.Code)
	require.Equal(t, message, refused.Message)
}

func TestDesk_ListsWhatIsWantedAndNotDone(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	desk, err := leftover.OpenDesk(t.Context(), b, leftover.Kind[*eventv1.WebhookQuarantined]{
		Stream: event.StreamQuarantine, Done: "released", Missing: "There is none.",
		New: func() *eventv1.WebhookQuarantined { return &eventv1.WebhookQuarantined{} },
	})
	require.NoError(t, err)
	for _, detail := range []string{"a", "b", "a", "a", "a"} {
		_, err := b.Publish(t.Context(), bus.Publishing{
			Subject: event.QuarantineSubject("acme"), Payload: &eventv1.WebhookQuarantined{Detail: detail},
		})
		require.NoError(t, err)
	}
	_, err = b.Publish(t.Context(), bus.Publishing{Subject: event.QuarantineSubject("acme"), ID: "odd", Data: []byte("\xff")})
	require.NoError(t, err)
	list := func(query *operatorv1.ListQuarantineRequest) (ids []uint64, next uint64) {
		entries, next, err := desk.List(t.Context(), query, func(e *eventv1.WebhookQuarantined) bool { return e.GetDetail() == "a" })
		require.NoError(t, err)
		for _, entry := range entries {
			require.Equal(t, "a", entry.Event.GetDetail())
			require.True(t, entry.KeptAt.IsValid())
			ids = append(ids, entry.ID)
		}
		return ids, next
	}
	handling, err := desk.Handle(t.Context(), 3, "released", "ada", nil)
	require.NoError(t, err)
	_, err = desk.Handle(t.Context(), 4, "fixed", "ada", &operatorv1.Fix{Reason: "Theirs."})
	require.NoError(t, err)

	ids, next := list(&operatorv1.ListQuarantineRequest{})
	require.Equal(t, []uint64{5, 4, 1}, ids, "neither what is done nor what cannot be read")
	require.Zero(t, next)
	ids, _ = list(&operatorv1.ListQuarantineRequest{All: true})
	require.Equal(t, []uint64{5, 4, 3, 1}, ids)
	ids, next = list(&operatorv1.ListQuarantineRequest{Limit: 2})
	require.Equal(t, []uint64{5, 4}, ids)
	ids, _ = list(&operatorv1.ListQuarantineRequest{Before: next})
	require.Equal(t, []uint64{1}, ids)
	ids, _ = list(&operatorv1.ListQuarantineRequest{Since: timestamppb.New(time.Now().Add(time.Hour))})
	require.Empty(t, ids)

	entry, err := desk.Get(t.Context(), 3)
	require.NoError(t, err)
	require.True(t, desk.IsDone(entry))
	require.Equal(t, handling.GetAt().AsTime(), entry.Handling.GetAt().AsTime())
	entry, err = desk.Get(t.Context(), 4)
	require.NoError(t, err)
	require.False(t, desk.IsDone(entry))
	require.Equal(t, "Theirs.", entry.Handling.GetFix().GetReason())
	_, err = desk.Get(t.Context(), 9)
	requireRefusal(t, err, bus.CodeNotFound, "There is none.")
	_, err = desk.Get(t.Context(), 6)
	require.Error(t, err, "it cannot be read")
}

func TestWhoDoesSomethingHasToSaySo(t *testing.T) {
	t.Parallel()
	require.NoError(t, leftover.CheckBy("ada"))
	require.NoError(t, leftover.CheckBy(strings.Repeat("a", 200)))
	for _, by := range []string{"", strings.Repeat("a", 201)} {
		requireRefusal(t, leftover.CheckBy(by), bus.CodeInvalid, "Must say who does it.")
	}
}
