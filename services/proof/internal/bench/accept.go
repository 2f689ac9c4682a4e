package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/bare"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/load"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	acceptNote = "signed webhooks at inbound-webhook, 64 at once, the store not running; ceiling: a bare net/http handler that " +
		"parses the form and publishes the body with PublishMsgAsync and Nats-Msg-Id to a stream of its own on the same " +
		"NATS, answering after the acknowledgement: no signature, no route, no event, no trace"
	projectNote = "texts that wait in INBOUND, from the first commit of a store just started to the last; ceiling: batches " +
		"of 500 made beforehand, inserted with unnest under the writer's policy into the same schema by 4 connections, " +
		"with every row the store writes for a text (message, conversation, contact, address, event, webhook, two facts in " +
		"the outbox); it reads no stream, decodes nothing, looks nothing up, publishes no fact and deletes none"
	leanNote = "the same against the message and its conversation alone, in one statement"

	acceptBar  = 0.5
	projectBar = 0.6
	commitBar  = 0.5

	// fastest is more requests a second than any of this brings: so many are made beforehand.
	fastest     = 26_000
	fastestSync = 8_000
)

// prepared is how many webhooks are made for one side of a round.
func (r *rig) prepared(lasting bool) int {
	if lasting {
		return int(fastestSync * r.extent.each.Seconds())
	}
	return int(fastest * r.extent.each.Seconds())
}

// measureAccept measures how many webhooks are accepted, and how fast what was accepted becomes rows.
func measureAccept(ctx context.Context, r *rig) ([]report.Figure, error) {
	var projected, every, lean []float64
	accepted, ceilings, err := alternate(ctx, r.extent.rounds, func(ctx context.Context) (float64, error) {
		rate, err := r.acceptAlone(ctx)
		if err != nil {
			return 0, err
		}
		rows, seconds, err := r.catchUp(ctx)
		if err != nil {
			return 0, err
		}
		projected = append(projected, float64(rows)/seconds)
		return rate, r.insertBare(ctx, rows, &every, &lean)
	}, r.acceptBare)
	if err != nil {
		return nil, err
	}
	figure := func(name, note string, bar float64, values, ceilings []float64) report.Figure {
		return report.Figure{
			Name: name, Unit: "/s", Value: median(values), Bar: bar, Note: note, Values: values, Ceilings: ceilings,
		}.Against(median(ceilings))
	}
	return []report.Figure{
		figure("webhook accept", acceptNote, acceptBar, accepted, ceilings),
		figure("projection", projectNote, projectBar, projected, every),
		figure("projection, lean ceiling", leanNote, 0, projected, lean),
	}, nil
}

// acceptAlone drives inbound-webhook with the store ended, so that nothing else happens.
func (r *rig) acceptAlone(ctx context.Context) (float64, error) {
	if err := r.end(ctx, event.ServiceStore); err != nil {
		return 0, err
	}
	result, err := r.drive(ctx, "accept", event.ServiceWebhook)
	return result.PerSecond(), err
}

// drive keeps webhooks under way at inbound-webhook, and profiles services meanwhile.
func (r *rig) drive(ctx context.Context, profile string, services ...string) (load.Result, error) {
	_, webhooks := r.texts.next(r.prepared(r.lasting), len(r.homes))
	host := r.host(event.ServiceWebhook)
	defer r.profile(ctx, profile, services...)()
	result, err := load.Closed(ctx, host, r.extent.acceptAtOnce, r.extent.each, load.Each(requests(webhooks, host, "")))
	r.accepted += result.Done
	return result, err
}

// acceptBare drives the bare handler in the same way.
func (r *rig) acceptBare(ctx context.Context) (float64, error) {
	result, err := r.driveBare(ctx)
	if err != nil {
		return 0, err
	}
	return result.PerSecond(), r.purgeBare(ctx)
}

func (r *rig) driveBare(ctx context.Context) (load.Result, error) {
	var webhooks []sandbox.Webhook
	_, webhooks = r.texts.next(r.prepared(r.lasting), len(r.homes))
	return load.Closed(ctx, r.bare.Host, r.extent.acceptAtOnce, r.extent.each,
		load.Each(requests(webhooks, r.bare.Host, "/accept")))
}

func (r *rig) purgeBare(ctx context.Context) error {
	stream, err := r.js.Stream(ctx, bare.StreamIn)
	if err == nil {
		err = stream.Purge(ctx)
	}
	if err != nil {
		return fmt.Errorf("emptying the stream of the bare program: %w", err)
	}
	return nil
}

// catchUp starts the store and measures from its first commit to the last of what waited. A store that starts takes a
// moment before that, which is measured elsewhere.
func (r *rig) catchUp(ctx context.Context) (rows int, seconds float64, err error) {
	waiting, err := r.left(ctx, r.inbound()...)
	if err != nil {
		return 0, 0, err
	}
	if err := r.process(event.ServiceStore).Start(ctx); err != nil {
		return 0, 0, err
	}
	rest, begun, err := r.until(ctx, waiting-1, r.inbound()...)
	if err != nil {
		return 0, 0, err
	}
	defer r.profile(ctx, "project", event.ServiceStore)()
	ended, err := r.drained(ctx, r.inbound()...)
	return rest, ended.Sub(begun).Seconds(), err
}

// insertBare lets the bare program insert as many texts, once with every row and once with the fewest.
func (r *rig) insertBare(ctx context.Context, rows int, every, lean *[]float64) error {
	for into, variant := range map[*[]float64]url.Values{every: {"every": {""}}, lean: {}} {
		variant.Set("rows", strconv.Itoa(rows))
		variant.Set("text", r.texts.body(0))
		var took bare.Inserted
		if err := r.askBare(ctx, "/insert?"+variant.Encode(), &took); err != nil {
			return err
		}
		*into = append(*into, float64(took.Rows)/took.Seconds)
	}
	return nil
}

// askBare tells the bare program to do something; into may be nil.
func (r *rig) askBare(ctx context.Context, target string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.bare.Host+target, http.NoBody)
	if err != nil {
		return fmt.Errorf("asking the bare program: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the bare program: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("asking the bare program: %w", err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%w: %s: %s: %s", errBare, target, response.Status, text)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading the answer of the bare program: %w", err)
	}
	return nil
}

const commitNote = "the same webhooks with the store running, until the last text is committed; ceiling: the bare handler, " +
	"and 4 consumers that fetch what is there, insert messages and conversations into the same schema with one unnest " +
	"statement a batch, and acknowledge after the commit"

// measureCommit measures how many webhooks a second are accepted and committed.
func measureCommit(ctx context.Context, r *rig) ([]report.Figure, error) {
	if err := r.beginStore(ctx); err != nil {
		return nil, err
	}
	if _, err := r.drained(ctx, r.inbound()...); err != nil {
		return nil, err
	}
	figure := report.Figure{Name: "webhook to committed row", Unit: "/s", Bar: commitBar, Note: commitNote}
	return compare(ctx, r.extent.rounds, figure, func(ctx context.Context) (float64, error) {
		result, err := r.drive(ctx, "commit", event.ServiceWebhook, event.ServiceStore)
		if err != nil {
			return 0, err
		}
		ended, err := r.drained(ctx, r.inbound()...)
		return float64(result.Done) / ended.Sub(result.Begun).Seconds(), err
	}, r.commitBare)
}

func (r *rig) commitBare(ctx context.Context) (float64, error) {
	if err := r.askBare(ctx, "/pipeline/start", nil); err != nil {
		return 0, err
	}
	result, err := r.driveBare(ctx)
	if err != nil {
		return 0, err
	}
	ended, err := r.drained(ctx, r.bareInbound()...)
	if err != nil {
		return 0, err
	}
	return float64(result.Done) / ended.Sub(result.Begun).Seconds(), r.askBare(ctx, "/pipeline/stop", nil)
}

// settle waits a moment in which nothing happens, so that one measurement does not pay for the one before.
func settle(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting: %w", ctx.Err())
	}
}
