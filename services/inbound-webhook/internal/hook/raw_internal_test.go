package hook

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestRawOf_leaves_a_password_out(t *testing.T) {
	t.Parallel()
	header := http.Header{}
	header.Set("authorization", "Basic dTpzZWNyZXQ=")
	header.Set("X-Signature", "abc")
	raw := rawOf(channel.Webhook{Method: http.MethodPost, Header: header})
	require.Equal(t, []string{"Authorization: ***", "X-Signature: abc"}, raw.GetHeaders())
}
