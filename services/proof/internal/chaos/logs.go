package chaos

import (
	"bufio"
	"bytes"
	"fmt"
	"os"

	"github.com/galaxyco-ai/conversations/services/proof/cluster"
)

const (
	rulePanics = "no process panics"
	maxLine    = 1 << 20
	toldLines  = 12
)

// panics lists the processes whose log tells of a panic, with the lines that follow.
func panics(processes []*cluster.Process) ([][]string, error) {
	var found [][]string
	for _, p := range processes {
		told, err := panicsIn(p.LogPath())
		if err != nil {
			return nil, fmt.Errorf("reading the log of %s: %w", p, err)
		}
		found = append(found, told...)
	}
	return found, nil
}

func panicsIn(path string) ([][]string, error) {
	file, err := os.Open(path) //nolint:gosec // the path is the cluster's own
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxLine)
	var found [][]string
	for lines.Scan() {
		switch {
		case startsPanic(lines.Bytes()):
			found = append(found, []string{lines.Text()})
		case len(found) > 0 && len(found[len(found)-1]) < toldLines:
			found[len(found)-1] = append(found[len(found)-1], lines.Text())
		}
	}
	return found, lines.Err() //nolint:wrapcheck // the caller names the log
}

func startsPanic(line []byte) bool {
	for _, start := range []string{"panic: ", "fatal error: ", "WARNING: DATA RACE", "unexpected fault address"} {
		if bytes.HasPrefix(line, []byte(start)) {
			return true
		}
	}
	return false
}
