package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/proof/cluster"
)

// What a process may hold more than before the load. Connections that are kept open for their next use end after two
// minutes only, and each is a few goroutines.
const (
	moreGoroutines = 60
	moreHeap       = 48 << 20
	collectTimeout = 15 * time.Second
	shrinkTries    = 10
	shrinkPause    = 3 * time.Second
)

const ruleGrowth = "no process keeps growing"

// holding is what each process holds after a collection of garbage.
type holding map[string]cluster.Usage

func hold(ctx context.Context, processes []*cluster.Process) (holding, error) {
	held := holding{}
	for _, p := range processes {
		if err := collect(ctx, p); err != nil {
			return nil, err
		}
		usage, err := p.Usage(ctx)
		if err != nil {
			return nil, err
		}
		held[p.String()] = usage
	}
	return held, nil
}

// collect has the process collect its garbage: its profile of the heap begins with that.
func collect(ctx context.Context, p *cluster.Process) error {
	ctx, cancel := context.WithTimeout(ctx, collectTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL()+service.ProfilePath+"heap?gc=1", http.NoBody)
	if err != nil {
		return fmt.Errorf("collecting the garbage of %s: %w", p, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("collecting the garbage of %s: %w", p, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("collecting the garbage of %s: %s", p, response.Status)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return fmt.Errorf("collecting the garbage of %s: %w", p, err)
	}
	return nil
}

// shrunk waits a while until no process holds much more than before, and tells which still do.
func shrunk(ctx context.Context, processes []*cluster.Process, before holding) (after holding, grown []string, err error) {
	for try := range shrinkTries {
		if try > 0 && !pause(ctx, shrinkPause) {
			return nil, nil, errors.Join(errors.New("waiting for the processes to shrink"), ctx.Err())
		}
		if after, err = hold(ctx, processes); err != nil {
			return nil, nil, err
		}
		if grown = growth(before, after); len(grown) == 0 {
			break
		}
	}
	return after, grown, nil
}

func growth(before, after holding) []string {
	var grown []string
	for name, now := range after {
		was := before[name]
		if now.Goroutines > was.Goroutines+was.Goroutines/2+moreGoroutines {
			grown = append(grown, fmt.Sprintf("%s has %d goroutines, before the load %d", name, now.Goroutines, was.Goroutines))
		}
		if now.Heap > was.Heap+moreHeap {
			grown = append(grown, fmt.Sprintf("%s holds %d MiB, before the load %d MiB", name, now.Heap>>20, was.Heap>>20))
		}
	}
	return grown
}
