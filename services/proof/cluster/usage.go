package cluster

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const usageTimeout = 5 * time.Second

// Usage is what a process holds at a time, by its own metrics.
type Usage struct {
	Goroutines  int   `json:"goroutines"`
	Memory      int64 `json:"memory"` // resident, in bytes; 0 where the system does not tell
	Heap        int64 `json:"heap"`   // in use, in bytes
	FileHandles int   `json:"fileHandles"`
}

// Usage asks the process what it holds.
func (p *Process) Usage(ctx context.Context) (Usage, error) {
	ctx, cancel := context.WithTimeout(ctx, usageTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.MetricsURL(), http.NoBody)
	if err != nil {
		return Usage{}, fmt.Errorf("asking %s for its metrics: %w", p, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Usage{}, fmt.Errorf("asking %s for its metrics: %w", p, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return Usage{}, fmt.Errorf("asking %s for its metrics: %s", p, response.Status)
	}
	values := map[string]float64{
		"go_goroutines": 0, "process_resident_memory_bytes": 0, "go_memstats_heap_inuse_bytes": 0, "process_open_fds": 0,
	}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if _, wanted := values[name]; !wanted {
			continue
		}
		if values[name], err = strconv.ParseFloat(text, 64); err != nil {
			return Usage{}, fmt.Errorf("reading the metrics of %s: %w", p, err)
		}
	}
	if err := lines.Err(); err != nil {
		return Usage{}, fmt.Errorf("reading the metrics of %s: %w", p, err)
	}
	return Usage{
		Goroutines: int(values["go_goroutines"]), Memory: int64(values["process_resident_memory_bytes"]),
		Heap: int64(values["go_memstats_heap_inuse_bytes"]), FileHandles: int(values["process_open_fds"]),
	}, nil
}
