package ledger_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
)

func attemptOf(provider, externalID string, attempt int32) *bucketv1.LedgerEntry {
	return &bucketv1.LedgerEntry{
		WorkspaceId: workspace.NewID().String(), MessageId: uuid.NewString(), Attempt: attempt, State: ledger.Unknown,
		Provider: provider, ExternalId: externalID,
	}
}

func TestHold_AnIDOfAProviderBelongsToOneAttempt(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	book, err := ledger.Open(t.Context(), b)
	require.NoError(t, err)
	first, twin := attemptOf("acme", "x/1 *>", 1), attemptOf("acme", "x/1 *>", 1)
	again := attemptOf("acme", "x/1 *>", 2)
	again.WorkspaceId, again.MessageId = first.GetWorkspaceId(), first.GetMessageId()

	require.NoError(t, book.Hold(t.Context(), first))
	require.NoError(t, book.Hold(t.Context(), first), "a second time changes nothing")
	require.ErrorIs(t, book.Hold(t.Context(), twin), ledger.ErrHeld)
	require.ErrorIs(t, book.Hold(t.Context(), again), ledger.ErrHeld, "the id of the attempt before")
	require.NoError(t, book.Hold(t.Context(), attemptOf("other", "x/1 *>", 1)), "another provider counts for itself")
	require.NoError(t, book.Hold(t.Context(), attemptOf("acme", "", 1)), "no id, nothing to hold")
	require.NoError(t, book.Hold(t.Context(), attemptOf("acme", "", 1)))

	require.NoError(t, book.Take(t.Context(), twin))
	require.ErrorIs(t, book.Hold(t.Context(), first), ledger.ErrHeld)
}

func TestUnfinished_WhatIsNoMessageIsLeftOut(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	book, err := ledger.Open(t.Context(), b)
	require.NoError(t, err)
	entry := attemptOf("acme", "1", 1)
	require.NoError(t, book.Hold(t.Context(), entry))
	_, err = book.Write(t.Context(), ledger.Record{}, entry)
	require.NoError(t, err)
	bucket, err := b.Bucket(t.Context(), event.BucketLedger)
	require.NoError(t, err)
	for _, key := range []string{event.LeaseKey("acme"), event.SweepKey("acme", "1")} {
		_, err = bucket.Put(t.Context(), key, nil)
		require.NoError(t, err)
	}

	var found []string
	for record, err := range book.Unfinished(t.Context()) {
		require.NoError(t, err)
		found = append(found, record.Entry.GetMessageId())
	}
	require.Equal(t, []string{entry.GetMessageId()}, found)
}
