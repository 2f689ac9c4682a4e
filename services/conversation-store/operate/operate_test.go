package operate_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/embedded"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/operate"
)

func TestMain_AsksTheServicesAndPrintsTheirAnswers(t *testing.T) {
	t.Parallel()
	running, err := embedded.Start(embedded.Config{Directory: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})
	b, err := bus.Connect(t.Context(), bus.Config{URL: running.ClientURL(), Name: "test"})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	var parts uint64
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- b.Serve(ctx, "test", []bus.Endpoint{
			bus.Answer("quarantine", "fix", func(_ context.Context, _ workspace.ID, r *operatorv1.FixQuarantineRequest) (proto.Message, error) {
				return &operatorv1.FixQuarantineResponse{Item: &operatorv1.Quarantined{
					Id: r.GetId(), Handling: &operatorv1.Handling{By: r.GetBy(), Fix: r.GetFix()},
				}}, nil
			}),
			bus.Answer("inbound", "replay", func(_ context.Context, _ workspace.ID, r *operatorv1.ReplayInboundRequest) (proto.Message, error) {
				parts++
				if r.GetNext() == 0 {
					return &operatorv1.ReplayInboundResponse{Replayed: 2, Next: 7}, nil
				}
				return &operatorv1.ReplayInboundResponse{Replayed: 1}, nil
			}),
		})
	}()
	environment := func(name string) string {
		return map[string]string{"NATS_URL": running.ClientURL(), "USER": "ada"}[name]
	}
	run := func(args ...string) (string, int) {
		var out, problems bytes.Buffer
		code := operate.Main(t.Context(), args, environment, &out, &problems)
		return out.String() + problems.String(), code
	}

	require.Eventually(t, func() bool {
		out, code := run("quarantine", "fix", "-reason", "Their old number.", "-trusted", "7")
		return code == 0 && bytes.Contains([]byte(out), []byte(`"ada"`)) && bytes.Contains([]byte(out), []byte("Their old number."))
	}, 30*time.Second, 10*time.Millisecond)
	_, code := run("inbound", "replay", "-from", "2026-05-06T07:08:09Z")
	require.Zero(t, code)
	require.Equal(t, uint64(2), parts, "a replay in parts is asked for to its end")
	for _, args := range [][]string{{}, {"quarantine"}, {"quarantine", "burn"}, {"quarantine", "show", "x"}, {"inbound", "replay", "-from", "now"}} {
		_, code := run(args...)
		require.Equal(t, 2, code, args)
	}
	stop()
	require.NoError(t, <-ended)
}
