package cluster

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Addresses are taken below the range from which systems give ports to outgoing connections (32768 and up on Linux,
// 49152 and up elsewhere): nothing takes one of them while the process that listens there is away.
const firstPort, ports = 20_000, 12_000

// freeAddresses chooses addresses of the loopback on which nothing listens.
func freeAddresses(ctx context.Context, count int) ([]string, error) {
	begin := rand.IntN(ports) //nolint:gosec // a place to begin, no secret
	var found []string
	for i := range ports {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+(begin+i)%ports))
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			continue
		}
		if found = append(found, address); len(found) == count {
			return found, nil
		}
	}
	return nil, errors.New("choosing addresses: too few are free")
}

// take gives the first of the addresses that are left.
func take(addresses *[]string) string {
	first := (*addresses)[0]
	*addresses = (*addresses)[1:]
	return first
}
