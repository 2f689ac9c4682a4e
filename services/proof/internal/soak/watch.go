package soak

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/services/proof/cluster"
)

const lookTimeout = 10 * time.Second

// Watch takes a sample of the cluster every so often until ctx ends, and one at the end. A process that does not answer
// leaves a gap; each sample is handed to taken as it comes.
func Watch(ctx context.Context, c *cluster.Cluster, every time.Duration, taken func(Sample)) error {
	conn, err := nats.Connect(c.NATSURL(), nats.Name("soak"))
	if err != nil {
		return fmt.Errorf("connecting to the bus: %w", err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return fmt.Errorf("reading the streams: %w", err)
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		taken(look(context.WithoutCancel(ctx), c, js))
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// look takes one sample.
func look(ctx context.Context, c *cluster.Cluster, js jetstream.JetStream) Sample {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	s := Sample{At: time.Now().UTC(), Processes: map[string]map[Measure]float64{}, Streams: map[string]float64{}}
	for _, p := range append(c.Processes(), c.SandboxProcess()) {
		usage, err := p.Usage(ctx)
		if err != nil {
			continue
		}
		s.Processes[p.String()] = map[Measure]float64{
			Memory: float64(usage.Memory), Goroutines: float64(usage.Goroutines), FileHandles: float64(usage.FileHandles),
		}
	}
	if usage, err := usageOf(c.NATS().PID()); err == nil {
		s.Processes[c.NATS().String()] = usage
	}
	streams := js.ListStreams(ctx)
	for info := range streams.Info() {
		s.Streams[strings.TrimPrefix(info.Config.Name, "KV_")] = float64(info.State.Bytes)
	}
	return s
}

// usageOf reads from the system what a program holds that does not tell it itself, where the system tells.
func usageOf(pid int) (map[Measure]float64, error) {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	text, err := os.ReadFile(filepath.Join(folder, "statm")) //nolint:gosec // a file of the system
	if err != nil {
		return nil, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 { //nolint:mnd // size, resident
		return nil, errors.New("reading the memory of a process: the system tells something else")
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	handles, err := os.ReadDir(filepath.Join(folder, "fd"))
	if err != nil {
		return nil, fmt.Errorf("reading the file handles of process %d: %w", pid, err)
	}
	return map[Measure]float64{
		Memory: float64(pages * int64(os.Getpagesize())), FileHandles: float64(len(handles)),
	}, nil
}

// Result is a soak as it is kept.
type Result struct {
	Begun    time.Time `json:"begun"`
	Minutes  float64   `json:"minutes"`
	Rate     float64   `json:"rate"`
	Accepted int       `json:"accepted"`
	Failed   int       `json:"failed"`
	Verdicts []Verdict `json:"verdicts"`
	Samples  []Sample  `json:"samples"`
}

// WriteJSON writes the result to a file.
func (r Result) WriteJSON(path string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding the samples: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the samples: %w", err)
	}
	return nil
}
