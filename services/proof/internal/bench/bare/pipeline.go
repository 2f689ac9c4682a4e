package bare

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// Durable is what the consumers are called, with the number of their lane behind.
	Durable = "bare-"
	// StreamIn is the stream they read.
	StreamIn = streamIn

	firstWait  = time.Second
	ackPending = 2000
)

// startPipeline carries what is accepted into the database until it is stopped: fetch what is there, one transaction,
// acknowledge.
func (p *program) startPipeline(w http.ResponseWriter, r *http.Request) {
	p.endPipeline()
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	var running sync.WaitGroup
	for lane := range Lanes {
		consumer, err := p.js.CreateOrUpdateConsumer(r.Context(), streamIn, jetstream.ConsumerConfig{
			Durable: Durable + strconv.Itoa(lane), FilterSubject: subjectIn + strconv.Itoa(lane) + ".*",
			AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: ackPending,
		})
		if err != nil {
			cancel()
			running.Wait()
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		running.Go(func() { p.carry(ctx, consumer) })
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop = func() {
		cancel()
		running.Wait()
	}
	w.WriteHeader(http.StatusNoContent)
}

func (p *program) stopPipeline(w http.ResponseWriter, _ *http.Request) {
	p.endPipeline()
	w.WriteHeader(http.StatusNoContent)
}

func (p *program) endPipeline() {
	p.mu.Lock()
	stop := p.stop
	p.stop = nil
	p.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// carry takes batches until ctx ends. A batch that fails comes again.
func (p *program) carry(ctx context.Context, consumer jetstream.Consumer) {
	for ctx.Err() == nil {
		messages, err := take(consumer)
		if err != nil || len(messages) == 0 {
			continue
		}
		rows, err := p.rows(messages)
		if err == nil {
			err = p.write(ctx, rows, false)
		}
		if err != nil {
			continue
		}
		for _, m := range messages {
			_ = m.Ack() // one that is lost comes again
		}
	}
}

// take waits for one message and takes what else is there.
func take(consumer jetstream.Consumer) ([]jetstream.Msg, error) {
	first, err := consumer.Fetch(1, jetstream.FetchMaxWait(firstWait))
	if err != nil {
		return nil, fmt.Errorf("fetching: %w", err)
	}
	messages := make([]jetstream.Msg, 0, batchSize)
	for m := range first.Messages() {
		messages = append(messages, m)
	}
	if len(messages) == 0 {
		if err := first.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) {
			return nil, fmt.Errorf("fetching: %w", err)
		}
		return nil, nil
	}
	rest, err := consumer.FetchNoWait(batchSize - 1)
	if err != nil {
		return nil, fmt.Errorf("fetching: %w", err)
	}
	for m := range rest.Messages() {
		messages = append(messages, m)
	}
	return messages, nil
}

func (p *program) rows(messages []jetstream.Msg) ([]row, error) {
	rows := make([]row, 0, len(messages))
	for _, m := range messages {
		form, err := url.ParseQuery(string(m.Data()))
		if err != nil {
			return nil, fmt.Errorf("reading a form: %w", err)
		}
		made, err := newRow(p.homes[form.Get("To")], form.Get("MessageSid"), form.Get("From"), form.Get("Body"), m.Data())
		if err != nil {
			return nil, err
		}
		rows = append(rows, made)
	}
	return rows, nil
}
