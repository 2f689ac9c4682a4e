package webhook_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// TestKill runs the real program against a server over TCP and kills it where it hurts: the provider hears no 2xx, comes
// again, and the message is there once.
func TestKill(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "inbound-webhook")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "faultpoint", "-o", program, "./cmd/inbound-webhook")
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))

	for _, point := range []string{"webhook.before-publish", "webhook.after-publish"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			r := &rig{
				server: bustest.Server(t), sms: readFixture(t, "sms.json"), workspace: workspace.NewID(),
			}
			r.bus = bustest.Connect(t, r.server)
			require.NoError(t, r.bus.Ensure(t.Context(), event.Streams(), event.Buckets()))
			r.route(t, r.workspace, r.sms, "sms", smsAccountID)
			c := r.text(t, "SM-1", "STOP")

			first := r.process(t, program, "CONVERSATIONS_FAULT_POINT="+point)
			_, err := r.try(t.Context(), c)
			require.Error(t, err, "the provider gets no answer")
			require.Error(t, first.Wait())
			require.Equal(t, -1, first.ProcessState.ExitCode(), "it was killed")

			r.process(t, program)
			for range 2 {
				require.Equal(t, http.StatusOK, r.send(t, c).status)
			}
			require.Len(t, inbound(t, r), 1)
			require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
			require.Len(t, sends(t, r), 1, "it is confirmed, and once")
		})
	}
}

// process starts the program on a free port and waits until it is ready.
func (r *rig) process(t *testing.T, program string, more ...string) *exec.Cmd {
	t.Helper()
	address := freeAddress(t)
	command := exec.CommandContext(t.Context(), program)
	command.Env = append(os.Environ(),
		"NATS_URL="+r.server.ClientURL(), "CONVERSATIONS_WEBHOOK_ADDRESS="+address,
		"CONVERSATIONS_WEBHOOK_PUBLIC_URL="+publicURL, "CONVERSATIONS_BLOB_URL=file://"+t.TempDir(), "CONVERSATIONS_WEBHOOK_SWEEP_EVERY=0")
	for name, value := range r.sms.Environment {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Env = append(command.Env, more...)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	r.root = "http://" + address
	require.Eventually(t, func() bool {
		got, err := r.try(t.Context(), call{method: http.MethodGet, path: "/readyz"})
		return err == nil && got.status == http.StatusOK
	}, 20*time.Second, 20*time.Millisecond)
	return command
}
