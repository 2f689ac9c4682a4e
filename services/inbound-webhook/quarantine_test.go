package webhook_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

func (r *rig) operate(tb testing.TB, verb string, request, response proto.Message) error {
	tb.Helper()
	return r.bus.Ask(tb.Context(), event.AskSubject(workspace.ID{}, "quarantine", verb), request, response)
}

func (r *rig) kept(tb testing.TB, request *operatorv1.ListQuarantineRequest) []uint64 {
	tb.Helper()
	response := &operatorv1.ListQuarantineResponse{}
	require.Eventually(tb, func() bool { return r.operate(tb, "list", request, response) == nil }, time.Minute, 5*time.Millisecond)
	ids := make([]uint64, 0, len(response.GetItems()))
	for _, item := range response.GetItems() {
		require.Nil(tb, item.GetRaw(), "a list shows no bodies")
		ids = append(ids, item.GetId())
	}
	return ids
}

func (r *rig) fix(tb testing.TB, id uint64, fix *operatorv1.Fix) error {
	tb.Helper()
	return r.operate(tb, "fix", &operatorv1.FixQuarantineRequest{Id: id, By: "ada", Fix: fix}, &operatorv1.FixQuarantineResponse{})
}

func (r *rig) release(tb testing.TB, id uint64) (*operatorv1.ReleaseQuarantineResponse, error) {
	tb.Helper()
	response := &operatorv1.ReleaseQuarantineResponse{}
	return response, r.operate(tb, "release", &operatorv1.ReleaseQuarantineRequest{Id: id, By: "ada"}, response)
}

func requireRefused(tb testing.TB, code string, err error) {
	tb.Helper()
	refused, ok := errors.AsType[*bus.AskError](err)
	require.True(tb, ok, "%v", err)
	require.Equal(tb, code, refused.Code, refused.Message)
}

func TestQuarantine_IsListedFixedAndReleasedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.Empty(t, r.kept(t, &operatorv1.ListQuarantineRequest{}))
	forged := r.smsCall(r.smsPath(), []byte(r.message("SM1").Encode()), "forged")
	strayed := r.message("SM2")
	strayed.Set("To", "+15005550999")
	unreadable := r.signedText(r.smsPath(), "nothing=here")
	for _, c := range []call{forged, r.signedForm(r.smsPath(), strayed), unreadable} {
		r.send(t, c)
	}
	require.Equal(t, []uint64{3, 2, 1}, r.kept(t, &operatorv1.ListQuarantineRequest{}))
	require.Equal(t, []uint64{1}, r.kept(t, &operatorv1.ListQuarantineRequest{Reason: "bad_signature", Provider: r.sms.Provider}))
	require.Empty(t, r.kept(t, &operatorv1.ListQuarantineRequest{Provider: r.email.Provider}))

	shown := &operatorv1.GetQuarantineResponse{}
	require.NoError(t, r.operate(t, "get", &operatorv1.GetQuarantineRequest{Id: 1}, shown))
	require.Equal(t, forged.body, shown.GetItem().GetRaw().GetBody())
	requireRefused(t, bus.CodeNotFound, r.operate(t, "get", &operatorv1.GetQuarantineRequest{Id: 9}, shown))

	for id := uint64(1); id <= 3; id++ {
		_, err := r.release(t, id)
		requireRefused(t, bus.CodeConflict, err)
	}
	requireRefused(t, bus.CodeInvalid, r.fix(t, 1, &operatorv1.Fix{Trusted: true}))
	requireRefused(t, bus.CodeInvalid, r.fix(t, 2, &operatorv1.Fix{Reason: "Theirs.", WorkspaceId: "theirs"}))
	require.Empty(t, inbound(t, r))

	require.NoError(t, r.fix(t, 1, &operatorv1.Fix{Trusted: true, Reason: "The key had been changed that day."}))
	require.NoError(t, r.fix(t, 2, &operatorv1.Fix{WorkspaceId: r.workspace.String(), Reason: "Their old number."}))
	require.NoError(t, r.fix(t, 3, &operatorv1.Fix{Body: []byte(r.message("SM3").Encode()), Reason: "A field was misspelled."}))
	for id := uint64(1); id <= 3; id++ {
		released, err := r.release(t, id)
		require.NoError(t, err)
		require.Equal(t, int32(1), released.GetEvents())
		require.Equal(t, "ada", released.GetItem().GetHandling().GetBy())
		require.NotEmpty(t, released.GetItem().GetHandling().GetFix().GetReason())
	}
	require.Len(t, inbound(t, r), 3)
	for i, id := range []string{"SM1", "SM2", "SM3"} {
		require.Equal(t, id, inbound(t, r)[i].GetExternalId())
		require.Equal(t, r.workspace.String(), inbound(t, r)[i].GetWorkspaceId())
	}
	require.Empty(t, r.kept(t, &operatorv1.ListQuarantineRequest{}))
	require.Equal(t, []uint64{3, 2, 1}, r.kept(t, &operatorv1.ListQuarantineRequest{All: true}))

	first := inbound(t, r)[0]
	_, err := r.release(t, 1)
	require.NoError(t, err)
	require.Len(t, inbound(t, r), 3, "the stream knows the key")
	require.Equal(t, first.GetMessageId(), inbound(t, r)[0].GetMessageId())
	requireRefused(t, bus.CodeConflict, r.fix(t, 1, &operatorv1.Fix{Reason: "Too late."}))
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(r.smsPath(), r.message("SM1"))).status)
	require.Len(t, inbound(t, r), 3, "what the provider repeats is what was released")
}
