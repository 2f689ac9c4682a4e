package inbox

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// ListConversations is EncodeConversations as the asker reads it.
func (b *Inbox) ListConversations(
	ctx context.Context, ws workspace.ID, request *storev1.ListConversationsRequest,
) (*storev1.ListConversationsResponse, error) {
	data, err := b.EncodeConversations(ctx, ws, request)
	if err != nil {
		return nil, err
	}
	response := &storev1.ListConversationsResponse{}
	if err := proto.Unmarshal(data, response); err != nil {
		return nil, fmt.Errorf("decoding a page: %w", err)
	}
	return response, nil
}
