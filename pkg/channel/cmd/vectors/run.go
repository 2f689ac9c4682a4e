package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// Every provider's test of this name plays the vectors, and those of another folder below the name that follows.
const (
	packages = "github.com/galaxyco-ai/conversations/pkg/channel/..."
	tests    = "Vectors/^" + channeltest.MoreVectors + "$"
)

// run plays the vectors of a folder, writes what came of each and returns how many failed.
func run(ctx context.Context, folder string, stdout, stderr io.Writer) (failed int, err error) {
	folder, err = filepath.Abs(folder)
	if err != nil {
		return 0, fmt.Errorf("locating the folder: %w", err)
	}
	listed, err := list(folder)
	if err != nil {
		return 0, err
	}
	command := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-run="+tests, packages)
	command.Env = append(os.Environ(), channeltest.VectorsVariable+"="+folder)
	command.Stderr = stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return 0, fmt.Errorf("connecting to the tests: %w", err)
	}
	if err := command.Start(); err != nil {
		return 0, fmt.Errorf("starting the tests: %w", err)
	}
	played, readErr := readOutcomes(output, stderr)
	_, exited := errors.AsType[*exec.ExitError](command.Wait()) // a vector that fails makes the tests fail
	if readErr != nil {
		return 0, readErr
	}
	if len(played) == 0 && exited {
		return 0, errors.New("the tests did not run")
	}
	return report(stdout, listed, played)
}

// report writes a line for every vector and returns how many failed.
func report(w io.Writer, listed []vector, played map[string]outcome) (failed int, err error) {
	for _, v := range listed {
		result, ok := played[v.ID]
		if !ok {
			result = outcome{failed: true, reason: fmt.Sprintf("no adapter of provider %q played it", v.Provider)}
		}
		line := v.ID + " pass"
		if result.failed {
			failed++
			line = v.ID + " fail " + result.reason
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return failed, fmt.Errorf("reporting: %w", err)
		}
	}
	if _, err := fmt.Fprintf(w, "%d passed, %d failed\n", len(listed)-failed, failed); err != nil {
		return failed, fmt.Errorf("reporting: %w", err)
	}
	return failed, nil
}
