package throughput

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// adapter is a provider on one of its channels.
type adapter struct {
	provider   channel.Provider
	account    channel.PlatformAccount
	kind       channel.Kind
	connection channel.Connection
}

func (a adapter) name() string { return a.account.Provider + " " + string(a.kind) }

// adapters measures each adapter against a sandbox of its own: what one leaves behind is no load for the next.
func adapters(
	ctx context.Context, cfg Config, client *http.Client, latency time.Duration, inFlight int,
) ([]Row, error) {
	known, err := connect("http://127.0.0.1:0", client)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(known))
	for i, one := range known {
		if !cfg.wants(one.name()) {
			continue
		}
		row, err := measureOne(ctx, cfg, client, i, latency, inFlight)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c Config) wants(name string) bool {
	return len(c.Only) == 0 || slices.ContainsFunc(c.Only, func(part string) bool { return strings.Contains(name, part) })
}

// connect lists the adapters, connected to the sandbox.
func connect(sandboxURL string, client *http.Client) ([]adapter, error) {
	registry, err := all.Registry()
	if err != nil {
		return nil, fmt.Errorf("listing the providers: %w", err)
	}
	environment := sandbox.EveryEnvironment(sandboxURL)
	accounts, err := channel.PlatformAccounts(registry, func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	})
	if err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	var adapters []adapter
	for _, account := range accounts {
		provider, _ := registry.Provider(account.Provider)
		connection, err := provider.Connect(account.Credential, client)
		if err != nil {
			return nil, fmt.Errorf("connecting %s: %w", account.Provider, err)
		}
		for _, kind := range account.Channels {
			adapters = append(adapters, adapter{provider, account, kind, connection})
		}
	}
	return adapters, nil
}

func measureOne(
	ctx context.Context, cfg Config, client *http.Client, nth int, latency time.Duration, inFlight int,
) (Row, error) {
	outside, err := startOutside(ctx)
	if err != nil {
		return Row{}, err
	}
	defer outside.stop()
	known, err := connect(outside.url, client)
	if err != nil {
		return Row{}, err
	}
	a := known[nth]
	row := Row{Adapter: a.name(), Latency: latency, InFlight: inFlight}
	if row.Err = outside.prepare(ctx, a, inFlight, latency); row.Err != nil {
		return row, nil
	}
	row.PerSecond, row.Err = drive(ctx, inFlight, cfg.Each, func(ctx context.Context, worker int) error {
		_, err := a.connection.Send(ctx, a.message(outside.url, worker))
		return err
	})
	if row.Most, row.Calls, err = outside.overlap(ctx, a.account.Provider); err != nil {
		return Row{}, fmt.Errorf("asking the stand-in of %s: %w", row.Adapter, err)
	}
	return row, nil
}

// customer is the address of the customer that a worker writes to.
func (a adapter) customer(worker int) string {
	if a.kind == channel.Email {
		return fmt.Sprintf("customer-%d@example.net", worker)
	}
	return fmt.Sprintf("+1405555%04d", 100+worker)
}

// message is a short message as the sender would hand it over.
func (a adapter) message(publicURL string, worker int) channel.Outbound {
	message := channel.Outbound{
		WorkspaceID: "0192f0c0-0000-7000-8000-000000000001", MessageID: uuid.NewString(), ConversationID: uuid.NewString(),
		Kind: a.kind, From: a.account.Addresses[a.kind], To: a.customer(worker),
		Body: "Your order has left us and will be with you tomorrow.", Attempt: 1,
	}
	webhook := publicURL + "/api/webhooks/" + a.account.Provider
	message.StatusURL = webhook + "?" + channel.CallbackQuery(message).Encode()
	switch a.kind { //nolint:exhaustive // the others have no more than a text
	case channel.Email:
		message.Subject, message.HTML = "Your order", "<p>"+message.Body+"</p>"
	case channel.Call:
		message.Body = ""
		message.Call = &channel.OutboundCall{
			AgentPhone: fmt.Sprintf("+1415555%04d", 100+worker),
			AnswerURL:  channel.CallURL(webhook, message, channel.CallAnswered, nil),
		}
	}
	return message
}
