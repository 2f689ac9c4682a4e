package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/galaxyco-ai/conversations/pkg/service"
)

// profile takes a CPU profile of services while what follows runs, and one of their allocations when it is done, where
// profiles are wanted. A measurement that is taken several times leaves the profiles of the last.
func (r *rig) profile(ctx context.Context, what string, services ...string) (done func()) {
	if r.cfg.Profiles == "" {
		return func() {}
	}
	var taking sync.WaitGroup
	seconds := strconv.Itoa(max(1, int(r.extent.each.Seconds())))
	for _, name := range services {
		taking.Go(func() { r.takeProfile(ctx, name, "profile?seconds="+seconds, what+"-"+name+".cpu.pb.gz") })
	}
	return func() {
		taking.Wait()
		for _, name := range services {
			r.takeProfile(ctx, name, "allocs", what+"-"+name+".allocs.pb.gz")
		}
	}
}

// takeProfile writes one profile. A profile that cannot be had spoils no measurement: it is logged.
func (r *rig) takeProfile(ctx context.Context, name, which, file string) {
	err := r.writeProfile(ctx, r.process(name).URL()+service.ProfilePath+which, filepath.Join(r.cfg.Profiles, file))
	if err != nil {
		r.cfg.Logger.WarnContext(ctx, "no profile", slog.String("file", file), slog.Any("err", err))
	}
}

func (r *rig) writeProfile(ctx context.Context, address, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("asking for a profile: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking for a profile: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("reading a profile: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking for a profile: %s", response.Status)
	}
	if err := os.MkdirAll(r.cfg.Profiles, 0o750); err != nil {
		return fmt.Errorf("making the folder of profiles: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("writing a profile: %w", err)
	}
	return nil
}
