package service

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/caarlos0/env/v11"
)

// Exit codes of a process.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const (
	probeTimeout = 3 * time.Second
	// gcPercent lets the heap grow to four times what is in use before it is swept. A service holds a few megabytes, which
	// Go's own 100 sweeps several times a second under load: a sixth of the processor, to save memory nobody misses.
	gcPercent = 300
)

// Main is the body of a service's main function. It reads the configuration from the environment, reports all its
// problems together, sets up logs and traces, runs until SIGINT or SIGTERM (a second one kills), and exits.
// C embeds Base; when it has a method Validate() error, that is part of reading the configuration.
// GOGC and GOMEMLIMIT do what they do in every Go program; without GOGC it is 300.
// The flag -check prints the effective configuration, secrets masked, and exits. The flag -probe asks a running
// service's URL and exits with 0 for a 2xx: a health check for images without a shell.
func Main[C any](name string, run func(context.Context, C) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	self := process{
		name: name, args: os.Args[1:], environ: env.ToMap(os.Environ()), stdout: os.Stdout, stderr: os.Stderr,
	}
	if self.environ["GOGC"] == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(execute(ctx, self, run))
}

// process is what a service gets from its surroundings.
type process struct {
	name           string
	args           []string
	environ        map[string]string
	stdout, stderr io.Writer
}

func execute[C any](ctx context.Context, self process, run func(context.Context, C) error) int {
	flags := flag.NewFlagSet(self.name, flag.ContinueOnError)
	flags.SetOutput(self.stderr)
	check := flags.Bool("check", false, "print the effective configuration, secrets masked, and exit")
	probed := flags.String("probe", "", "ask this `URL` and exit with 0 when it answers 2xx")
	if err := flags.Parse(self.args); err != nil {
		return exitUsage
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintf(self.stderr, "%s: unexpected argument %q\n", self.name, flags.Arg(0))
		return exitUsage
	}
	if *probed != "" {
		return probe(ctx, self, *probed)
	}
	cfg, problems := Load[C](self.environ)
	for _, problem := range problems {
		_, _ = fmt.Fprintf(self.stderr, "%s: %v\n", self.name, problem)
	}
	if len(problems) > 0 {
		return exitUsage
	}
	if *check {
		for _, setting := range settingsOf(&cfg) {
			_, _ = fmt.Fprintf(self.stdout, "%s=%s\n", setting.name, setting.value)
		}
		return exitOK
	}
	return serve(ctx, self, cfg, run)
}

func probe(ctx context.Context, self process, url string) int {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		_, _ = fmt.Fprintf(self.stderr, "%s: %v\n", self.name, err)
		return exitUsage
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		_, _ = fmt.Fprintf(self.stderr, "%s: %v\n", self.name, err)
		return exitFailed
	}
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		_, _ = fmt.Fprintf(self.stderr, "%s: %s\n", self.name, response.Status)
		return exitFailed
	}
	return exitOK
}

func serve[C any](ctx context.Context, self process, cfg C, run func(context.Context, C) error) int {
	logger := newLogger(self.stderr, slog.LevelInfo, self.name)
	if embedding, ok := any(&cfg).(holder); ok {
		base := embedding.base()
		logger = newLogger(self.stderr, base.level(), self.name)
		provider, stop, err := startTracing(ctx, self.name, self.environ)
		if err != nil {
			logger.ErrorContext(ctx, "service cannot start", slog.Any("err", err))
			return exitFailed
		}
		defer stop()
		base.Logger, base.Tracing = logger, provider
		base.Defaults(self.name)
	}
	if err := run(ctx, cfg); err != nil && !errors.Is(err, context.Canceled) {
		logger.ErrorContext(ctx, "service ended", slog.Any("err", err))
		return exitFailed
	}
	return exitOK
}
