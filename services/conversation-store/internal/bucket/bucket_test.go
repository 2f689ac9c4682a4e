package bucket_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
)

func TestAccessKeyOfAHashIsTheKeyOfItsSecret(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("ck_secret"))
	require.Equal(t, event.AccessKey("ck_secret"), bucket.AccessKey(sum[:]))
}
