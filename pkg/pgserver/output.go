package pgserver

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
)

// keptLines is how much of the server's output is kept for an error message.
const keptLines = 12

// output passes the server's lines to the log and remembers the last ones.
type output struct {
	logger *slog.Logger

	mu      sync.Mutex
	partial []byte
	last    []string
}

func newOutput(logger *slog.Logger) *output { return &output{logger: logger} }

// Write implements io.Writer.
func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.partial = append(o.partial, text...)
	for {
		line, rest, complete := bytes.Cut(o.partial, []byte("\n"))
		if !complete {
			return len(text), nil
		}
		o.keep(string(line))
		o.partial = append([]byte(nil), rest...)
	}
}

func (o *output) keep(line string) {
	o.last = append(o.last, line)
	if len(o.last) > keptLines {
		o.last = o.last[1:]
	}
	level := slog.LevelDebug
	if strings.HasPrefix(line, "WARNING:") || strings.HasPrefix(line, "FATAL:") || strings.HasPrefix(line, "PANIC:") {
		level = slog.LevelWarn
	}
	o.logger.LogAttrs(context.Background(), level, "database server reports", slog.String("line", line))
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.last, "\n")
}
