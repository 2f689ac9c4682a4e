package egress

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsPublic(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8"} {
		require.True(t, isPublic(netip.MustParseAddr(public)), public)
	}
	for _, refused := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"100.64.0.1", "198.18.0.1", "192.0.0.8", "224.0.0.1", "255.255.255.255", "240.0.0.1", "203.0.113.9",
		"::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001::1", "fec0::1",
		"::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1", "100::1", "100:0:0:1::1", "198.51.100.7", "192.0.2.1", "fc00::1%eth0",
	} {
		require.False(t, isPublic(netip.MustParseAddr(refused)), refused)
	}
}

func TestAllows_a_host_or_a_host_with_its_port(t *testing.T) {
	t.Parallel()
	allowed := []string{"127.0.0.1:8090", "Files.internal"}
	require.True(t, allows(allowed, "127.0.0.1:8090"))
	require.False(t, allows(allowed, "127.0.0.1:5432"))
	require.True(t, allows(allowed, "files.internal:80"))
	require.False(t, allows(allowed, "evil-files.internal:80"))
	require.False(t, allows(nil, "127.0.0.1:8090"))
}

func TestTheClientReachesNothingThatIsNotPublic(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://[::1]/", http.StatusFound)
		}
	}))
	defer server.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	try := func(client *http.Client, url string) error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		require.NoError(t, err)
		response, err := client.Do(request)
		if err == nil {
			require.NoError(t, response.Body.Close())
		}
		return err
	}
	for _, url := range []string{
		server.URL, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port,
		"http://[::1%25lo]:" + port, "http://user@127.0.0.1:" + port, "http://169.254.169.254/latest/meta-data",
	} {
		require.ErrorIs(t, try(NewClient(nil), url), ErrForbidden, url)
	}
	for _, url := range []string{"http://2130706433:" + port, "http://0x7f000001:" + port, "http://0177.0.0.1:" + port} {
		require.Error(t, try(NewClient(nil), url), url) // no address, and no name either
	}
	allowed := NewClient([]string{"127.0.0.1:" + port})
	require.NoError(t, try(allowed, server.URL))
	require.ErrorIs(t, try(allowed, server.URL+"/away"), ErrForbidden, "each redirect is judged")
}

func TestConnectionsOfOtherProtocolsAreJudgedAsWell(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens for the test's length
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	address := listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	for _, target := range []string{address, "localhost:" + port, "[::ffff:127.0.0.1]:" + port} {
		_, err := DialContext([]string{"10.0.0.0/8", "127.0.0.1:1"})(t.Context(), "tcp", target)
		var forbidden *ForbiddenError
		require.ErrorAs(t, err, &forbidden, target)
		require.ErrorIs(t, err, ErrForbidden, target)
		require.ErrorContains(t, err, "have the operator allow it", target)
	}
	for _, target := range []string{address, "localhost:" + port, "[::ffff:127.0.0.1]:" + port} {
		connection, err := DialContext([]string{"127.0.0.0/8"})(t.Context(), "tcp", target)
		require.NoError(t, err, target)
		require.NoError(t, connection.Close())
	}
}
