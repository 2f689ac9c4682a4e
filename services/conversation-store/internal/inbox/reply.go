package inbox

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// maxReferences bounds the References of an answer; mail programs need the near end of a long thread.
const maxReferences = 20

// PrepareReply answers what it takes to write in a conversation: where from, where to and, for e-mail, to whom else and
// behind which message (RFC 5322 section 3.6.4).
func (b *Inbox) PrepareReply(
	ctx context.Context, ws workspace.ID, request *storev1.PrepareReplyRequest,
) (*storev1.PrepareReplyResponse, error) {
	return one(ctx, b, ws, "conversation", request.GetConversationId(), "prepare_reply.sql", scanReply)
}

func scanReply(row pgx.CollectableRow) (*storev1.PrepareReplyResponse, error) {
	var (
		reply        storev1.PrepareReplyResponse
		references   []string // oldest first, as in the header
		parties, own []string
	)
	err := row.Scan(&reply.Channel, &reply.ChannelAccountId, &reply.Peer, &reply.Subject, &reply.InReplyTo, &references,
		&parties, &own)
	if reply.GetInReplyTo() != "" {
		references = append(references, reply.GetInReplyTo())
	}
	reply.References = references[max(0, len(references)-maxReferences):]
	reply.Cc = others(parties, own, reply.GetPeer())
	return &reply, err
}

// others are who takes part beside the peer and us, whose address may carry a reply token.
func others(parties, own []string, peer string) []string {
	var kept []string
	for _, address := range parties {
		plain, _ := conversation.ParseReplyAddress(address)
		isOurs := slices.Contains(own, address) || slices.Contains(own, plain)
		if address == "" || address == peer || isOurs || slices.Contains(kept, address) {
			continue
		}
		kept = append(kept, address)
	}
	return kept
}
