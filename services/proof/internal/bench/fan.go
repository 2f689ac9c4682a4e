package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/bare"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/load"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

const (
	fanNote = "frames a second to sockets of one workspace, at most 20 facts under way, each a message received: gateway, " +
		"reading CHANGE; ceiling: the same frames, told by plain NATS, to as many sockets of a bare server with the same " +
		"library, one writer for each"

	// fanUnderWay is how many broadcasts are under way at most, far fewer than a socket may have waiting.
	fanUnderWay  = 20
	frameTimeout = 30 * time.Second
)

var (
	errNoFrame = errors.New("no frame came in time")
	errBare    = errors.New("the bare program did not do as it was told")
)

// measureFan measures deliveries to many sockets.
func measureFan(ctx context.Context, r *rig) ([]report.Figure, error) {
	fact, frame, err := r.oneFact(ctx)
	if err != nil {
		return nil, err
	}
	keys := make([]string, r.extent.sockets)
	for i := range keys {
		keys[i] = r.homes[0].Key
	}
	published := 0
	project := func(ctx context.Context) (float64, error) {
		defer r.profile(ctx, "fan-out", event.ServiceGateway)()
		return r.fan(ctx, "ws"+r.process(event.ServiceGateway).URL()[len("http"):]+"/api/realtime", keys, true, func() error {
			published++
			_, err := r.js.PublishMsgAsync(&nats.Msg{Subject: fact.Subject, Header: fact.Header, Data: fact.Data},
				jetstream.WithMsgID(fmt.Sprintf("bench-fan-%d", published)))
			return err
		})
	}
	ceiling := func(ctx context.Context) (float64, error) {
		return r.fan(ctx, "ws://"+r.bare.Host+"/socket", keys, false, func() error { return r.conn.Publish(bare.SubjectFan, frame) })
	}
	figure := report.Figure{Name: "fan-out", Unit: "frames/s", Note: fanNote}
	return compare(ctx, r.extent.rounds, figure, project, ceiling)
}

// oneFact lets a customer of the first workspace write, and gives the fact about the message and the frame of it.
func (r *rig) oneFact(ctx context.Context) (*jetstream.RawStreamMsg, []byte, error) {
	ws := r.homes[0]
	frames := make(chan []byte, 1)
	address := "ws" + r.process(event.ServiceGateway).URL()[len("http"):] + "/api/realtime"
	sockets, err := listen(ctx, address, []string{ws.Key}, true, func(frame []byte) {
		if bytes.Contains(frame, []byte(`"entity":"message"`)) {
			select {
			case frames <- bytes.Clone(frame):
			default:
			}
		}
	})
	if err != nil {
		return nil, nil, err
	}
	defer sockets.close()
	_, webhooks := r.texts.next(len(r.homes), len(r.homes)) // one for each, so for the first too
	host := r.host(event.ServiceWebhook)
	result, err := load.Closed(ctx, host, 1, frameTimeout, load.Each(requests(webhooks, host, "")))
	if err != nil {
		return nil, nil, err
	}
	r.accepted += result.Done
	select {
	case frame := <-frames:
		stream, err := r.js.Stream(ctx, event.StreamChange)
		if err != nil {
			return nil, nil, fmt.Errorf("opening the facts: %w", err)
		}
		fact, err := stream.GetLastMsgForSubject(ctx, event.ChangeSubject(ws.ID, "message", "received"))
		if err != nil {
			return nil, nil, fmt.Errorf("reading a fact: %w", err)
		}
		return fact, frame, nil
	case <-time.After(frameTimeout):
		return nil, nil, errNoFrame
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("waiting for a frame: %w", ctx.Err())
	}
}

// fan keeps broadcasts under way to a socket for each key for a while, and gives the frames a second.
func (r *rig) fan(ctx context.Context, address string, keys []string, hello bool, broadcast func() error) (float64, error) {
	var frames atomic.Int64
	turns := make(chan struct{}, fanUnderWay)
	sockets, err := listen(ctx, address, keys, hello, func([]byte) {
		if frames.Add(1)%int64(len(keys)) == 0 {
			select {
			case <-turns: // as many frames came as a broadcast is
			default:
			}
		}
	})
	if err != nil {
		return 0, err
	}
	defer sockets.close()
	begun := time.Now()
	sent, err := r.inTurns(ctx, turns, broadcast)
	if err != nil {
		return 0, err
	}
	for deadline := time.Now().Add(frameTimeout); frames.Load() < int64(sent*len(keys)); {
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("%w: %d of %d", errNoFrame, frames.Load(), sent*len(keys))
		}
		if err := settle(ctx, drainPoll); err != nil {
			return 0, err
		}
	}
	return float64(frames.Load()) / time.Since(begun).Seconds(), nil
}

// inTurns broadcasts for a while, whenever there is a turn, and tells how often it did.
func (r *rig) inTurns(ctx context.Context, turns chan<- struct{}, broadcast func() error) (sent int, err error) {
	for begun := time.Now(); time.Since(begun) < r.extent.each; sent++ {
		select {
		case turns <- struct{}{}:
		case <-time.After(frameTimeout):
			return sent, errNoFrame
		case <-ctx.Done():
			return sent, fmt.Errorf("broadcasting: %w", ctx.Err())
		}
		if err := broadcast(); err != nil {
			return sent, fmt.Errorf("broadcasting: %w", err)
		}
	}
	return sent, nil
}
