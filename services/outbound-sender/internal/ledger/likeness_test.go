package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
)

func TestAlone_OnlyWhatIsCertainlyAnotherMessageDoesNotCount(t *testing.T) {
	t.Parallel()
	book, err := ledger.Open(t.Context(), bustest.New(t))
	require.NoError(t, err)
	found := channel.Found{Accepted: channel.Accepted{ExternalID: "listed"}}
	failed := channel.Found{Accepted: found.Accepted, Failure: &channel.Failure{}}
	refusal, decision := &eventv1.Failure{Code: "refused"}, &eventv1.Resolution{Decision: "send_again"}
	tests := map[string]struct {
		twin    *bucketv1.LedgerEntry // nil: its claim was never written
		found   channel.Found
		liken   int32 // the attempt that was likened
		another bool
	}{
		"never claimed":           {nil, found, 1, true},
		"claimed":                 {&bucketv1.LedgerEntry{State: ledger.Claimed}, found, 1, false},
		"unknown":                 {&bucketv1.LedgerEntry{State: ledger.Unknown, Failure: refusal}, found, 1, false},
		"waiting":                 {&bucketv1.LedgerEntry{State: ledger.Waiting}, found, 1, true},
		"taken under another id":  {&bucketv1.LedgerEntry{State: ledger.Done, ExternalId: "other"}, found, 1, true},
		"taken under this id":     {&bucketv1.LedgerEntry{State: ledger.Done, ExternalId: "listed"}, found, 1, false},
		"taken without an id":     {&bucketv1.LedgerEntry{State: ledger.Done}, found, 1, false},
		"refused":                 {&bucketv1.LedgerEntry{State: ledger.Done, Failure: refusal}, found, 1, true},
		"refused, listed as such": {&bucketv1.LedgerEntry{State: ledger.Done, Failure: refusal}, failed, 1, false},
		"decided by a person":     {&bucketv1.LedgerEntry{State: ledger.Decided, Resolution: decision}, found, 1, false},
		"decided and carried out": {
			&bucketv1.LedgerEntry{State: ledger.Done, Failure: refusal, Resolution: decision}, found, 1, false,
		},
		"attempted again": {&bucketv1.LedgerEntry{State: ledger.Waiting, Attempt: 2}, found, 1, false},
		"attempted again and not claimed yet": {
			&bucketv1.LedgerEntry{State: ledger.Done, Failure: refusal, Attempt: 1}, found, 2, true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, likened := attemptOf("acme", "", 1), attemptOf("acme", "", test.liken)
			require.NoError(t, book.Liken(t.Context(), first, name))
			require.NoError(t, book.Liken(t.Context(), likened, name))
			if twin := test.twin; twin != nil {
				twin.WorkspaceId, twin.MessageId = likened.GetWorkspaceId(), likened.GetMessageId()
				twin.Attempt = max(twin.GetAttempt(), 1)
				_, err := book.Write(t.Context(), ledger.Record{}, twin)
				require.NoError(t, err)
			}

			err := book.Alone(t.Context(), first, name, test.found, time.Now().Add(-time.Minute))
			if test.another {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, ledger.ErrTwin)
			}
			require.NoError(t, book.Alone(t.Context(), first, "something else", test.found, time.Time{}))
			require.NoError(t, book.Alone(t.Context(), first, name, test.found, time.Now().Add(time.Hour)), "long over")
		})
	}
}

func TestAlone_TheAttemptBeforeOfTheSameMessageIsNoTwin(t *testing.T) {
	t.Parallel()
	book, err := ledger.Open(t.Context(), bustest.New(t))
	require.NoError(t, err)
	entry := attemptOf("acme", "", 1)
	require.NoError(t, book.Liken(t.Context(), entry, "words"))
	entry.Attempt, entry.ClaimedAt = 2, timestamppb.Now()
	require.NoError(t, book.Liken(t.Context(), entry, "words"))

	require.NoError(t, book.Alone(t.Context(), entry, "words", channel.Found{}, entry.GetClaimedAt().AsTime()))
}
