package hook

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	limits := newLimiter(1, 10, func() time.Time { return now })
	one, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for range 10 {
		require.True(t, limits.allow(one, 0))
	}
	require.False(t, limits.allow(one, 0), "the burst is used up")
	require.True(t, limits.allow(other, 0), "another address has its own")
	now = now.Add(time.Second)
	require.True(t, limits.allow(one, 0), "it fills again")

	require.True(t, limits.allow(other, 8*bytesPerToken))
	require.False(t, limits.allow(other, 8*bytesPerToken), "a large body costs more")

	require.True(t, limits.allow(netip.MustParseAddr("2001:db8::1"), 9*bytesPerToken))
	require.False(t, limits.allow(netip.MustParseAddr("2001:db8::2"), 0), "a /64 is one party")

	passed := 0
	for i := range 3 * maxAddresses {
		if limits.allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 0) {
			passed++
		}
	}
	require.LessOrEqual(t, passed, 10*everybody, "all together are bounded")
	require.LessOrEqual(t, len(limits.seen), maxAddresses)
}

func TestEscapeInvalid_keeps_what_is_text_and_escapes_the_rest(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"/a?b=%ff": "/a?b=%ff", "/\xff\xfe": "/%FF%FE", "/ü\uFFFD": "/ü\uFFFD", "/\xc3": "/%C3",
	} {
		require.Equal(t, want, escapeInvalid(given), "%q", given)
	}
}
