package delivery

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
)

func TestWeigh_AClaimWhoseAnswerGotLostIsStillOurs(t *testing.T) {
	t.Parallel()
	registry, err := channel.NewRegistry()
	require.NoError(t, err)
	deliverer := &Deliverer{Config: Config{Credentials: credential.NewPool(credential.Config{Registry: registry})}}
	entry := &bucketv1.LedgerEntry{
		WorkspaceId: workspace.NewID().String(), MessageId: "m", Attempt: 1, State: ledger.Claimed, ClaimedAt: now(),
	}

	ours := &task{d: deliverer, claimed: entry}
	ours.weigh(proto.CloneOf(entry))
	require.Nil(t, ours.end, "the claim was stored, the call was not made")
}
