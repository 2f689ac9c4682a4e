package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/load"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

const (
	deliverNote = "texts that wait in SEND, from the first that a sender just started has finished to the last: claim, " +
		"provider's call at the sandbox, outcome, receipt; no ceiling, the sandbox shares the machine"
	// deliveries are how many texts wait in each round.
	deliveries = 3000
)

// measureDeliver measures what the sender carries.
func measureDeliver(ctx context.Context, r *rig) ([]report.Figure, error) {
	for _, service := range []string{event.ServiceStore, event.ServiceSender} {
		if err := r.end(ctx, service); err != nil {
			return nil, err
		}
	}
	if err := r.withoutCallbacks(ctx); err != nil {
		return nil, err
	}
	var rates []float64
	for range r.extent.rounds {
		rate, err := r.deliver(ctx)
		if err != nil {
			return nil, err
		}
		rates = append(rates, rate)
		if err := r.end(ctx, event.ServiceSender); err != nil {
			return nil, err
		}
	}
	return []report.Figure{{Name: "send to provider", Unit: "/s", Value: median(rates), Values: rates, Note: deliverNote}}, nil
}

// deliver lets texts wait, starts the sender, and gives its rate.
func (r *rig) deliver(ctx context.Context) (float64, error) {
	stream, err := r.js.Stream(ctx, event.StreamSend)
	if err == nil {
		err = stream.Purge(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("emptying SEND: %w", err)
	}
	host := r.host(event.ServiceGateway)
	made := make([]load.Request, deliveries)
	for n := range made {
		made[n] = r.sendRequest(host, n)
	}
	if _, err := load.Closed(ctx, host, r.extent.acceptAtOnce, drainTimeout, load.Each(made)); err != nil {
		return 0, err
	}
	if err := r.process(event.ServiceSender).Start(ctx); err != nil {
		return 0, err
	}
	reader := durable{event.StreamSend, event.DurableSenderSend}
	rest, begun, err := r.until(ctx, deliveries-1, reader)
	if err != nil {
		return 0, err
	}
	defer r.profile(ctx, "deliver", event.ServiceSender)()
	ended, err := r.drained(ctx, reader)
	return float64(rest) / ended.Sub(begun).Seconds(), err
}

// withoutCallbacks keeps the sandbox from telling what became of texts: it is the sender that is measured.
func (r *rig) withoutCallbacks(ctx context.Context) error {
	body, err := json.Marshal(map[string]any{
		"provider": r.homes[0].Accounts[channel.SMS].Provider, "dropCallbacks": true, "ratePerSecond": 0,
	})
	if err != nil {
		return fmt.Errorf("encoding faults: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, r.cluster.Sandbox()+"/api/faults", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("telling the sandbox: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("telling the sandbox: %w", err)
	}
	if err := response.Body.Close(); err != nil {
		return fmt.Errorf("telling the sandbox: %w", err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%w: %s", errSandbox, response.Status)
	}
	return nil
}
