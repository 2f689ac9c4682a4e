package webhook_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// TestCall_is_instructed_while_the_store_is_down asks as often as a busy minute does. Nothing but this service and the
// bus is running here: no store, no database.
//
//nolint:paralleltest // what it measures is no other test's business
func TestCall_is_instructed_while_the_store_is_down(t *testing.T) {
	const calls = 300
	r := newRig(t)
	r.settle(t, &bucketv1.CallSettings{RingMode: "in_turn", Agents: agents(), Announcement: "This call is recorded.", Voicemail: true})
	took := make([]time.Duration, 0, 2*calls)
	for i := range calls {
		id := fmt.Sprintf("CA-%d", i)
		started := time.Now()
		document := r.ask(t, r.smsPath(), r.callFields(id, "ringing"))
		took = append(took, time.Since(started))
		unanswered := r.callFields(id, "in-progress")
		unanswered.Set("DialCallStatus", "no-answer")
		c := r.signedForm(pathOf(t, document.child(t, "Dial").attr("action")), unanswered)
		started = time.Now()
		require.Equal(t, http.StatusOK, r.send(t, c).status)
		took = append(took, time.Since(started))
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	t.Logf("instructions: p50 %s, p99 %s, longest %s", p50, p99, took[len(took)-1])
	require.Less(t, p99, 200*time.Millisecond)
}
