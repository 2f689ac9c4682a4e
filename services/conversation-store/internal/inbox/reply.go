package inbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// maxReferences bounds the References of an answer; mail programs need the near end of a long thread.
const maxReferences = 20

// PrepareReply answers what it takes to write in a conversation: where from, where to and, for e-mail, behind which
// message (RFC 5322 section 3.6.4).
func (b *Inbox) PrepareReply(
	ctx context.Context, ws workspace.ID, request *storev1.PrepareReplyRequest,
) (*storev1.PrepareReplyResponse, error) {
	return one(ctx, b, ws, "conversation", request.GetConversationId(), "prepare_reply.sql", scanReply)
}

func scanReply(row pgx.CollectableRow) (*storev1.PrepareReplyResponse, error) {
	var (
		reply      storev1.PrepareReplyResponse
		references []string // oldest first, as in the header
	)
	err := row.Scan(&reply.Channel, &reply.ChannelAccountId, &reply.Peer, &reply.Subject, &reply.InReplyTo, &references)
	if reply.GetInReplyTo() != "" {
		references = append(references, reply.GetInReplyTo())
	}
	reply.References = references[max(0, len(references)-maxReferences):]
	return &reply, err
}
