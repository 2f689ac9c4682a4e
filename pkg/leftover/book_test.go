package leftover_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/leftover"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

func TestBook_PagesAreNewestFirstAndKeepWhatWasDone(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	book, err := leftover.Open(t.Context(), b, event.StreamQuarantine)
	require.NoError(t, err)
	everything := func(leftover.Kept) bool { return true }
	none, next, err := book.Page(t.Context(), 0, 10, everything)
	require.NoError(t, err)
	require.Empty(t, none)
	require.Zero(t, next)

	for i := range 5 {
		_, err := b.Publish(t.Context(), bus.Publishing{
			Subject: event.QuarantineSubject("acme"), Payload: &eventv1.WebhookQuarantined{Detail: strconv.Itoa(i)},
		})
		require.NoError(t, err)
	}
	require.NoError(t, book.Handle(t.Context(), 4, &operatorv1.Handling{Action: "released", By: "ada"}))
	var got []uint64
	for next := uint64(0); ; {
		var items []leftover.Kept
		items, next, err = book.Page(t.Context(), next, 2, func(k leftover.Kept) bool { return k.Handling == nil })
		require.NoError(t, err)
		for _, item := range items {
			got = append(got, item.Message.Sequence())
		}
		if next == 0 {
			break
		}
	}
	require.Equal(t, []uint64{5, 3, 2, 1}, got)

	kept, err := book.Get(t.Context(), 4)
	require.NoError(t, err)
	require.Equal(t, "ada", kept.Handling.GetBy())
	for _, id := range []uint64{0, 6, 1 << 63} {
		_, err = book.Get(t.Context(), id)
		require.ErrorIs(t, err, leftover.ErrNotFound)
	}
}
