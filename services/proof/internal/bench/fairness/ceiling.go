package fairness

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	// inFlight is as many calls as the sender has workers.
	inFlight = 64
	// ceilingTime is how long the sandbox is measured alone.
	ceilingTime = 3 * time.Second
	// ownNumber is one the sandbox takes texts from.
	ownNumber = "+15009999999"
)

// ceiling is how many texts a second the sandbox takes through the adapter the sender uses, with nothing before it.
func (b *bench) ceiling(ctx context.Context) (float64, error) {
	connection, err := connect(b.cfg.Sandbox)
	if err != nil {
		return 0, err
	}
	marker, begun := b.marker(), time.Now()
	var number atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range inFlight {
		group.Go(func() error {
			for time.Since(begun) < ceilingTime {
				n := strconv.FormatInt(number.Add(1), 10)
				_, err := connection.Send(ctx, channel.Outbound{
					WorkspaceID: workspace.NewID().String(), MessageID: marker + n, Kind: channel.SMS, From: ownNumber,
					To: customer(probeCustomers, probePeers), Body: marker + n + " " + text, Attempt: 1,
				})
				if err != nil {
					return fmt.Errorf("measuring the sandbox: %w", err)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	return float64(number.Load()) / time.Since(begun).Seconds(), nil
}

// connect makes the adapter of the platform's account for texts, as the sender makes it.
func connect(sandboxURL string) (channel.Connection, error) {
	registry, err := all.Registry()
	if err != nil {
		return nil, fmt.Errorf("reading the providers: %w", err)
	}
	environment := sandbox.Environment(sandboxURL)
	accounts, err := channel.PlatformAccounts(registry, func(name string) (string, bool) {
		value, known := environment[name]
		return value, known
	})
	if err != nil {
		return nil, fmt.Errorf("reading the platform's accounts: %w", err)
	}
	account, serves := channel.PlatformAccountFor(accounts, channel.SMS)
	if !serves {
		return nil, fmt.Errorf("the sandbox plays no provider of %s", channel.SMS)
	}
	provider, _ := registry.Provider(account.Provider)
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // the standard library's own
	transport.MaxIdleConnsPerHost = inFlight
	connection, err := provider.Connect(account.Credential, &http.Client{Transport: transport, Timeout: timeout})
	if err != nil {
		return nil, fmt.Errorf("connecting to the sandbox: %w", err)
	}
	return connection, nil
}
