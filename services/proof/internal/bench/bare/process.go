package bare

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Argument makes the program of the bench the bare one.
const Argument = "bare"

var errNoAddress = errors.New("the bare program did not tell its address")

// Main runs in a process that Start started: it reads the configuration from in, tells its address on out, and ends
// when in does.
func Main(ctx context.Context, in io.Reader, out io.Writer) error {
	input := bufio.NewReader(in)
	var cfg Config
	line, err := input.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	if err := json.Unmarshal(line, &cfg); err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, input) // it ends with whoever started us
		cancel()
	}()
	return Serve(ctx, cfg, func(address string) {
		_, _ = fmt.Fprintln(out, address) // Start notices
	})
}

// Process is a bare program.
type Process struct {
	// Host is where it listens.
	Host string

	input   io.Closer
	command *exec.Cmd
}

// Start starts the bare program in a process of its own.
func Start(ctx context.Context, cfg Config) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("locating the bare program: %w", err)
	}
	text, err := json.Marshal(cfg)
	if err != nil {
		return nil, fmt.Errorf("encoding the configuration of the bare program: %w", err)
	}
	//nolint:gosec // the program is this one; it outlives ctx and ends with its input
	command := exec.CommandContext(context.WithoutCancel(ctx), self, Argument)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the bare program: %w", err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the bare program: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting the bare program: %w", err)
	}
	p := &Process{input: input, command: command}
	if _, err := input.Write(append(text, '\n')); err != nil {
		return nil, errors.Join(fmt.Errorf("configuring the bare program: %w", err), p.Stop())
	}
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return nil, errors.Join(errNoAddress, err, p.Stop())
	}
	p.Host = strings.TrimSpace(address)
	return p, nil
}

// Stop ends the program and waits for it.
func (p *Process) Stop() error {
	_ = p.input.Close() // it is the signal to end
	killed := time.AfterFunc(stopTimeout, func() { _ = p.command.Process.Kill() })
	defer killed.Stop()
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("ending the bare program: %w", err)
	}
	return nil
}
