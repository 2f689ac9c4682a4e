package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/bare"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/load"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

const (
	committedNote = "500 webhooks a second, counted from the instant each was due to the acknowledgement with which the store " +
		"says that it has committed it, as an onlooker on NATS hears it; ceiling: the bare handler and pipeline, heard in " +
		"the same way"
	frameNote = "of the same texts, until the frame with the message is at a browser that follows its workspace"

	// committedBar and frameBar are for the medians, in milliseconds.
	committedBar = 3.0
	frameBar     = 10.0

	openConnections = 64
	// watched is how many workspaces the texts are for, each with a socket.
	watched = 50
	// late is how long it is waited for what has not been seen.
	late = 10 * time.Second
)

var errUnseen = errors.New("texts were not seen to the end")

// sightings is when each text of a run was seen, by its number.
type sightings struct {
	first int
	at    []atomic.Int64 // nanoseconds since the epoch; 0 is never
	seen  atomic.Int64
}

func newSightings(first, count int) *sightings {
	return &sightings{first: first, at: make([]atomic.Int64, count)}
}

// note keeps the first sighting of a text.
func (s *sightings) note(n int, at time.Time) {
	if i := n - s.first; i >= 0 && i < len(s.at) && s.at[i].CompareAndSwap(0, at.UnixNano()) {
		s.seen.Add(1)
	}
}

// wait waits until every text was seen.
func (s *sightings) wait(ctx context.Context) error {
	for deadline := time.Now().Add(late); int(s.seen.Load()) < len(s.at); {
		if time.Now().After(deadline) {
			return fmt.Errorf("%w: %d of %d", errUnseen, s.seen.Load(), len(s.at))
		}
		if err := settle(ctx, drainPoll); err != nil {
			return err
		}
	}
	return nil
}

// latencies are in microseconds, from when each text was due.
func (s *sightings) latencies(due load.Schedule) *hdrhistogram.Histogram {
	counted := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	for i := range s.at {
		_ = counted.RecordValue(time.Unix(0, s.at[i].Load()).Sub(due.At(i)).Microseconds()) // none is longer than the range
	}
	return counted
}

// markOf finds the number of the text in whatever carries its body.
func markOf(text []byte) (int, bool) {
	for {
		at := bytes.Index(text, []byte("m-"))
		if at < 0 || len(text) < at+markLength {
			return 0, false
		}
		if n, err := strconv.Atoi(string(text[at+2 : at+markLength])); err == nil && text[at+2] != '+' && text[at+2] != '-' {
			return n, true
		}
		text = text[at+2:]
	}
}

// measureLatency measures how long a text takes at a rate far below what the system carries.
func measureLatency(ctx context.Context, r *rig) ([]report.Figure, error) {
	if err := r.beginStore(ctx); err != nil {
		return nil, err
	}
	if _, err := r.drained(ctx, r.inbound()...); err != nil {
		return nil, err
	}
	keys := make([]string, min(watched, len(r.homes)))
	for i := range keys {
		keys[i] = r.homes[i].Key
	}
	host := r.host(event.ServiceWebhook)
	first, made := r.openTexts(len(keys), host, "")
	frames, sockets, err := watchFrames(ctx, r.process(event.ServiceGateway).URL(), keys, first, len(made))
	if err != nil {
		return nil, err
	}
	defer sockets.close()
	profiled := r.profile(ctx, "latency", event.ServiceWebhook, event.ServiceStore, event.ServiceGateway)
	committed, due, err := r.openLoop(ctx, host, first, made, event.StreamInbound)
	profiled()
	if err != nil {
		return nil, err
	}
	r.accepted += len(made)
	if err := frames.wait(ctx); err != nil {
		return nil, fmt.Errorf("waiting for frames: %w", err)
	}
	bareCommitted, err := r.bareLatency(ctx)
	if err != nil {
		return nil, err
	}
	return append(
		quantiles("webhook to committed row", committedNote, committedBar, committed, bareCommitted),
		quantiles("webhook to frame", frameNote, frameBar, frames.latencies(due), nil)...), nil
}

// watchFrames opens a socket for each key and notes the frames with the texts.
func watchFrames(
	ctx context.Context, gateway string, keys []string, first, count int,
) (*sightings, *listeners, error) {
	frames := newSightings(first, count)
	address := "ws" + strings.TrimPrefix(gateway, "http") + "/api/realtime"
	sockets, err := listen(ctx, address, keys, true, func(frame []byte) {
		if at := time.Now(); bytes.Contains(frame, []byte(`"entity":"message"`)) {
			if n, ok := markOf(frame); ok {
				frames.note(n, at)
			}
		}
	})
	return frames, sockets, err
}

// openTexts makes what an open loop sends in its time.
func (r *rig) openTexts(homes int, host, path string) (first int, made []load.Request) {
	first, webhooks := r.texts.next(int(r.extent.latencyFor.Seconds())*r.extent.openPerSecond, homes)
	return first, requests(webhooks, host, path)
}

func (r *rig) bareLatency(ctx context.Context) (*hdrhistogram.Histogram, error) {
	if err := r.askBare(ctx, "/pipeline/start", nil); err != nil {
		return nil, err
	}
	first, made := r.openTexts(min(watched, len(r.homes)), r.bare.Host, "/accept")
	committed, _, err := r.openLoop(ctx, r.bare.Host, first, made, bare.StreamIn)
	if err != nil {
		return nil, err
	}
	return committed, r.askBare(ctx, "/pipeline/stop", nil)
}

// quantiles are the figures of a latency: the bar is for the median.
func quantiles(name, note string, bar float64, project, ceiling *hdrhistogram.Histogram) []report.Figure {
	var figures []report.Figure
	for _, q := range []float64{50, 99} {
		figure := report.Figure{
			Name: fmt.Sprintf("%s, p%.0f", name, q), Unit: "ms", Rule: report.ValueAtMost, Note: note,
			Value: float64(project.ValueAtPercentile(q)) / 1000,
		}
		if q == 50 {
			figure.Bar = bar
		}
		if ceiling != nil {
			figure = figure.Against(float64(ceiling.ValueAtPercentile(q)) / 1000)
		}
		figures = append(figures, figure)
	}
	return figures
}

// openLoop sends the texts when they are due and counts until the consumer of the stream has acknowledged each, which it
// does after its commit.
func (r *rig) openLoop(
	ctx context.Context, host string, first int, made []load.Request, stream string,
) (*hdrhistogram.Histogram, load.Schedule, error) {
	begin, err := r.last(ctx, stream)
	if err != nil {
		return nil, load.Schedule{}, err
	}
	acknowledged := newSightings(int(begin)+1, len(made)) //nolint:gosec // no stream is that long
	onlooker, err := r.conn.Subscribe("$JS.ACK.>", func(m *nats.Msg) {
		if sequence, ok := acknowledgedIn(m.Subject, stream); ok {
			acknowledged.note(sequence, time.Now())
		}
	})
	if err != nil {
		return nil, load.Schedule{}, fmt.Errorf("listening to acknowledgements: %w", err)
	}
	defer func() { _ = onlooker.Unsubscribe() }()
	if err := r.conn.FlushTimeout(late); err != nil {
		return nil, load.Schedule{}, fmt.Errorf("listening to acknowledgements: %w", err)
	}
	_, due, err := load.Open(ctx, host, r.extent.openPerSecond, openConnections, made)
	if err != nil {
		return nil, load.Schedule{}, err
	}
	if err := acknowledged.wait(ctx); err != nil {
		return nil, load.Schedule{}, fmt.Errorf("waiting for acknowledgements: %w", err)
	}
	byText, err := r.byText(ctx, stream, acknowledged, first)
	if err != nil {
		return nil, load.Schedule{}, err
	}
	return byText.latencies(due), due, nil
}

// acknowledgedIn reads the sequence out of the subject of an acknowledgement, which is one of two forms:
// $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>… or, with domain and account before the stream, a longer one.
func acknowledgedIn(subject, stream string) (int, bool) {
	tokens := strings.Split(subject, ".")
	at := 2
	if len(tokens) > 9 {
		at = 4
	}
	if len(tokens) < at+4 || tokens[at] != stream {
		return 0, false
	}
	sequence, err := strconv.Atoi(tokens[at+3])
	return sequence, err == nil
}

func (r *rig) last(ctx context.Context, name string) (uint64, error) {
	stream, err := r.js.Stream(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("asking how long %s is: %w", name, err)
	}
	return stream.CachedInfo().State.LastSeq, nil
}

// byText turns sightings of sequences into sightings of texts: the stream tells which text each sequence is.
func (r *rig) byText(ctx context.Context, stream string, sequences *sightings, first int) (*sightings, error) {
	consumer, err := r.js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: uint64(sequences.first), //nolint:gosec // it is one
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", stream, err)
	}
	batch, err := consumer.Fetch(len(sequences.at), jetstream.FetchMaxWait(late))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", stream, err)
	}
	texts := newSightings(first, len(sequences.at))
	for m := range batch.Messages() {
		about, err := m.Metadata()
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", stream, err)
		}
		n, ok := markOf(m.Data())
		i := int(about.Sequence.Stream) - sequences.first //nolint:gosec // no stream is that long
		if ok && i < len(sequences.at) {
			texts.note(n, time.Unix(0, sequences.at[i].Load()))
		}
	}
	if int(texts.seen.Load()) < len(texts.at) {
		return nil, fmt.Errorf("reading %s: %w: %d of %d", stream, errUnseen, texts.seen.Load(), len(texts.at))
	}
	return texts, nil
}
