package service

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

type exampleConfig struct {
	Base

	Address string `env:"CONVERSATIONS_EXAMPLE_ADDRESS,notEmpty" envDefault:":8099"`
	Limit   int    `env:"CONVERSATIONS_EXAMPLE_LIMIT"   envDefault:"3"`
	Secret  string `env:"CONVERSATIONS_EXAMPLE_SECRET"                     secret:"true"`
}

func (c exampleConfig) Validate() error {
	if c.Limit < 0 {
		return errors.New("CONVERSATIONS_EXAMPLE_LIMIT is negative")
	}
	return nil
}

func TestExecute(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, environ map[string]string, args ...string) (int, string, string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		self := process{name: "example", args: args, environ: environ, stdout: &stdout, stderr: &stderr}
		code := execute(t.Context(), self, func(context.Context, exampleConfig) error { return errors.New("ran") })
		return code, stdout.String(), stderr.String()
	}

	t.Run("check prints what is effective and masks secrets", func(t *testing.T) {
		t.Parallel()
		code, stdout, stderr := run(t, map[string]string{
			"NATS_URL": "nats://user:hunter2@bus:4222", "CONVERSATIONS_EXAMPLE_SECRET": "hunter2",
		}, "-check")
		require.Zero(t, code, stderr)
		require.Equal(t, "NATS_URL=nats://user:xxxxx@bus:4222\nCONVERSATIONS_NATS_REPLICAS=1\nCONVERSATIONS_LOG_LEVEL=info\nCONVERSATIONS_PPROF=false\n"+
			"CONVERSATIONS_EXAMPLE_ADDRESS=:8099\nCONVERSATIONS_EXAMPLE_LIMIT=3\n"+
			"CONVERSATIONS_EXAMPLE_SECRET=********\n", stdout)
	})

	t.Run("every problem of the configuration is reported at once", func(t *testing.T) {
		t.Parallel()
		code, _, stderr := run(t, map[string]string{
			"CONVERSATIONS_LOG_LEVEL": "loud", "CONVERSATIONS_EXAMPLE_LIMIT": "-1",
		}, "-check")
		require.Equal(t, exitUsage, code)
		require.Contains(t, stderr, "CONVERSATIONS_LOG_LEVEL")
		require.Contains(t, stderr, "CONVERSATIONS_EXAMPLE_LIMIT")

		code, _, stderr = run(t, map[string]string{
			"CONVERSATIONS_LOG_LEVEL": "loud", "CONVERSATIONS_EXAMPLE_LIMIT": "many",
		})
		require.Equal(t, exitUsage, code)
		require.Contains(t, stderr, "Limit")
		require.Contains(t, stderr, "CONVERSATIONS_LOG_LEVEL")
	})

	t.Run("an error of the service is logged as JSON and fails the process", func(t *testing.T) {
		t.Parallel()
		code, _, stderr := run(t, nil)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, `"service":"example","err":"ran"`)
	})

	t.Run("a probe tells whether a URL answers", func(t *testing.T) {
		t.Parallel()
		answering := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/readyz" {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		t.Cleanup(answering.Close)
		for path, want := range map[string]int{"/readyz": exitOK, "/other": exitFailed} {
			code, _, _ := run(t, nil, "-probe", answering.URL+path)
			require.Equal(t, want, code, path)
		}
		code, _, _ := run(t, nil, "-probe", "http://127.0.0.1:1/")
		require.Equal(t, exitFailed, code)
	})

	t.Run("an argument nobody knows is refused", func(t *testing.T) {
		t.Parallel()
		code, _, _ := run(t, nil, "surprise")
		require.Equal(t, exitUsage, code)
	})
}
