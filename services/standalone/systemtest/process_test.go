package systemtest_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const module = "github.com/galaxyco-ai/conversations/services/"

// binaries is the folder the programs are built into, once for all tests.
var binaries string //nolint:gochecknoglobals // built once in TestMain, read by every test

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "conversations-bin-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	build := exec.CommandContext(context.Background(), "go", "build", "-tags", "faultpoint", "-o", dir+string(filepath.Separator),
		module+"gateway/cmd/gateway", module+"outbound-sender/cmd/outbound-sender",
		module+"inbound-webhook/cmd/inbound-webhook", module+"conversation-store/cmd/conversation-store",
		module+"conversation-store/cmd/operator", "github.com/galaxyco-ai/conversations/pkg/seal/cmd/keyset",
		module+"sandbox/cmd/sandbox", module+"standalone/cmd/standalone", "github.com/nats-io/nats-server/v2")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		panic("building the services: " + err.Error())
	}
	binaries = dir
	return m.Run()
}

// process is one running program.
type process struct {
	name   string
	cmd    *exec.Cmd
	exited chan struct{}
	log    string
	ready  string
}

// spawn starts a program with an environment of its own and kills it when the test ends. Its log is printed when the
// test failed.
func spawn(t *testing.T, dir, name, readyURL string, env map[string]string, args ...string) *process {
	t.Helper()
	p := &process{name: name, exited: make(chan struct{}), log: filepath.Join(dir, name+".log"), ready: readyURL}
	logFile, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	p.cmd = exec.CommandContext(context.Background(), filepath.Join(binaries, name), args...)
	p.cmd.Stdout, p.cmd.Stderr = logFile, logFile
	p.cmd.Dir = dir
	p.cmd.Env = append(p.cmd.Env, "PATH="+os.Getenv("PATH"), "HOME="+dir)
	for key, value := range env {
		p.cmd.Env = append(p.cmd.Env, key+"="+value)
	}
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait()
		_ = logFile.Close()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.kill(t)
		if t.Failed() {
			p.printLog(t)
		}
	})
	return p
}

// kill ends the process as kill -9 does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	_ = p.cmd.Process.Kill()
	p.waitExit(t)
}

func (p *process) waitExit(t *testing.T) {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(30 * time.Second):
		t.Errorf("%s did not exit", p.name)
	}
}

// waitReady returns when the process says it is ready, and fails the test when it ends before.
func (p *process) waitReady(t *testing.T) {
	t.Helper()
	deadline, tick := time.After(time.Minute), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for statusOf(p.ready) != http.StatusOK {
		select {
		case <-p.exited:
			require.FailNow(t, p.name+" exited before it was ready")
		case <-deadline:
			require.FailNow(t, p.name+" did not become ready")
		case <-tick.C:
		}
	}
}

func (p *process) printLog(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(p.log)
	if err != nil {
		return
	}
	lines := bytes.Split(text, []byte("\n"))
	if len(lines) > 40 {
		lines = lines[len(lines)-40:]
	}
	t.Logf("last lines of %s:\n%s", p.name, bytes.Join(lines, []byte("\n")))
}

func statusOf(url string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(address)
	require.NoError(t, err)
	port, err := strconv.Atoi(text)
	require.NoError(t, err)
	return port
}
