// Package servicetest helps tests that run services as processes of their own.
package servicetest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Addresses are taken below the range from which systems give ports to outgoing connections (32768 and up on Linux,
// 49152 and up elsewhere): nothing takes one of them between its choice and the service's start.
const firstPort, ports = 20_000, 12_000

// next counts the addresses given, from a place that differs between the test programs of one run.
var next atomic.Int64 //nolint:gochecknoglobals // what one test was given no other may get

// FreeAddress is an address of the loopback on which nothing listens, given to nobody else in this program.
func FreeAddress(tb testing.TB) string {
	tb.Helper()
	next.CompareAndSwap(0, 1+rand.Int64N(ports)) //nolint:gosec // a place to begin, no secret
	for range ports {
		address := net.JoinHostPort("127.0.0.1", strconv.FormatInt(firstPort+next.Add(1)%ports, 10))
		listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", address)
		if err != nil {
			continue
		}
		require.NoError(tb, listener.Close())
		return address
	}
	require.FailNow(tb, "no address is free")
	return ""
}
