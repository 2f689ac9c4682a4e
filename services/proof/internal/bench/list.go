package bench

import (
	"context"
	"net/url"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/bare"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/load"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

const (
	listNote = "GET /api/conversations?limit=50 of workspaces in turn, 32 at once: gateway, one question over NATS, the store; " +
		"ceiling: a bare net/http handler with pgx alone (setting and query in one round trip, rows scanned into structs, " +
		"encoding/json), under the same policy, in a copy of the database: no identity, no question, no document of the API"
	sendNote = "POST /api/communications of texts, 64 at once, neither store nor sender running; ceiling: a bare net/http " +
		"handler that decodes the JSON and publishes it with PublishMsgAsync and Nats-Msg-Id, answering after the " +
		"acknowledgement"

	listBar = 0.7
)

// measureList measures the conversation list.
func measureList(ctx context.Context, r *rig) ([]report.Figure, error) {
	host := r.host(event.ServiceGateway)
	var project, ceiling []load.Request
	for _, home := range r.homes {
		project = append(project, load.NewRequest("GET", host, "/api/conversations?limit=50", nil,
			"Authorization", "Bearer "+home.Key))
		ceiling = append(ceiling, load.NewRequest("GET", r.bare.Host,
			"/list?"+url.Values{"workspace": {home.ID.String()}}.Encode(), nil))
	}
	drive := func(host string, requests []load.Request) side {
		return func(ctx context.Context) (float64, error) {
			result, err := load.Closed(ctx, host, r.extent.listAtOnce, r.extent.each, load.Around(requests))
			return result.PerSecond(), err
		}
	}
	figure := report.Figure{Name: "conversation list", Unit: "/s", Bar: listBar, Note: listNote}
	return compare(ctx, r.extent.rounds, figure, func(ctx context.Context) (float64, error) {
		defer r.profile(ctx, "list", event.ServiceGateway, event.ServiceStore)()
		return drive(host, project)(ctx)
	}, drive(r.bare.Host, ceiling))
}

// measureSend measures how many messages to be sent are accepted.
func measureSend(ctx context.Context, r *rig) ([]report.Figure, error) {
	if err := r.end(ctx, event.ServiceStore); err != nil {
		return nil, err
	}
	host := r.host(event.ServiceGateway)
	var project, ceiling []load.Request
	for n := range r.prepared(false) {
		project = append(project, r.sendRequest(host, n))
		ceiling = append(ceiling, load.NewRequest("POST", r.bare.Host, "/send", r.sendBody(n), "Content-Type", "application/json"))
	}
	drive := func(host string, requests []load.Request) side {
		return func(ctx context.Context) (float64, error) {
			result, err := load.Closed(ctx, host, r.extent.acceptAtOnce, r.extent.each, load.Around(requests))
			return result.PerSecond(), err
		}
	}
	figure := report.Figure{Name: "send accept", Unit: "/s", Note: sendNote}
	return compare(ctx, r.extent.rounds, figure, func(ctx context.Context) (float64, error) {
		defer r.profile(ctx, "send", event.ServiceGateway)()
		return drive(host, project)(ctx)
	}, drive(r.bare.Host, ceiling))
}

// sendRequest is the request to send a text, of workspaces in turn.
func (r *rig) sendRequest(host string, n int) load.Request {
	return load.NewRequest("POST", host, "/api/communications", r.sendBody(n),
		"Authorization", "Bearer "+r.homes[n%len(r.homes)].Key, "Content-Type", "application/json")
}

func (r *rig) sendBody(n int) []byte {
	return []byte(`{"channel":"` + string(channel.SMS) + `","to":"` + bare.Customer(n/len(r.homes)%r.extent.customers) +
		`","body":"` + r.texts.body(n) + `"}`)
}
