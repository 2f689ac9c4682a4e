package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// maxReason bounds the line of a vector that failed.
const maxReason = 400

// outcome is what came of one vector.
type outcome struct {
	failed bool
	reason string
}

// testEvent is a line of "go test -json".
type testEvent struct {
	Action, Package, Test, Output string
}

// readOutcomes reads what the tests say. What concerns no test, such as a package that does not compile, goes to
// stderr. A vector that several providers play has failed when it failed with one of them.
func readOutcomes(stream io.Reader, stderr io.Writer) (map[string]outcome, error) {
	outcomes, said := map[string]outcome{}, map[string]*strings.Builder{}
	lines := bufio.NewReader(stream)
	for {
		line, err := lines.ReadBytes('\n')
		var event testEvent
		if len(line) > 0 && json.Unmarshal(line, &event) == nil {
			note(event, outcomes, said, stderr)
		}
		if errors.Is(err, io.EOF) {
			return outcomes, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading what the tests say: %w", err)
		}
	}
}

func note(event testEvent, outcomes map[string]outcome, said map[string]*strings.Builder, stderr io.Writer) {
	_, id, ofVector := strings.Cut(event.Test, "/"+channeltest.MoreVectors+"/")
	key := event.Package + " " + event.Test
	switch {
	case event.Action == "build-output":
		_, _ = io.WriteString(stderr, event.Output) // nobody is left to tell
	case !ofVector:
	case event.Action == "output":
		if said[key] == nil {
			said[key] = &strings.Builder{}
		}
		_, _ = said[key].WriteString(event.Output) // a builder does not fail
	case event.Action == "pass":
		if _, known := outcomes[id]; !known {
			outcomes[id] = outcome{}
		}
	case event.Action == "fail", event.Action == "skip":
		reason := "the test stopped without a word"
		if said[key] != nil {
			reason = reasonOf(said[key].String())
		}
		outcomes[id] = outcome{failed: true, reason: reason}
	}
}

// reasonOf is the assertion that did not hold, in one line; without one, all that was said.
func reasonOf(said string) string {
	var kept []string
	inError, found := false, false
	for line := range strings.Lines(said) {
		text := strings.TrimSpace(line)
		label, rest, _ := strings.Cut(text, ":")
		switch {
		case label == "Error" || label == "Messages":
			inError, text = true, strings.TrimSpace(rest)
			if !found {
				kept, found = nil, true
			}
		case label == "Error Trace" || label == "Test":
			inError = false
		case strings.HasPrefix(text, "=== ") || strings.HasPrefix(text, "--- "):
			continue
		}
		if text != "" && (inError || !found) {
			kept = append(kept, text)
		}
	}
	reason := strings.Join(kept, " ")
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "…"
	}
	return reason
}
