package bus_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

func marshal(t *testing.T, message proto.Message) []byte {
	t.Helper()
	data, err := proto.Marshal(message)
	require.NoError(t, err)
	return data
}

func TestAsk_AnswersAndRefusals(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	refusal := &bus.AskError{Code: bus.CodeInvalid, Message: "To is missing.", Field: "to"}
	endpoint := bus.Answer("message", "get",
		func(_ context.Context, asked workspace.ID, request *eventv1.Message) (proto.Message, error) {
			switch request.GetId() {
			case "refused":
				return nil, fmt.Errorf("checking: %w", refusal)
			case "broken":
				return nil, errAway
			case "panics":
				panic("boom")
			case "busy":
				return nil, bus.ErrUnavailable
			}
			return &eventv1.Message{Id: request.GetId(), WorkspaceId: asked.String()}, nil
		})
	run(t, func(ctx context.Context) error { return b.Serve(ctx, "tester", []bus.Endpoint{endpoint}) })
	ask := func(id string) (*eventv1.Message, error) {
		answer := new(eventv1.Message)
		return answer, b.Ask(t.Context(), event.AskSubject(ws, "message", "get"), &eventv1.Message{Id: id}, answer)
	}
	require.Eventually(t, func() bool {
		_, err := ask("ready")
		return err == nil
	}, patience, 10*time.Millisecond)

	answer, err := ask("a")
	require.NoError(t, err)
	require.Equal(t, "a", answer.GetId())
	require.Equal(t, ws.String(), answer.GetWorkspaceId())

	_, err = ask("refused")
	var refused *bus.AskError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, refusal, refused)

	for _, id := range []string{"broken", "panics"} {
		_, err = ask(id)
		require.ErrorAs(t, err, &refused)
		require.Equal(t, bus.CodeInternal, refused.Code)
		require.NotContains(t, refused.Message, "away", "the cause stays inside")
	}
	_, err = ask("busy")
	require.ErrorIs(t, err, bus.ErrUnavailable)
}

func TestAsk_NobodyThereIsUnavailable(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	err := b.Ask(t.Context(), event.AskSubject(workspace.ID{}, "me", "get"), &eventv1.Message{}, &eventv1.Message{})
	require.ErrorIs(t, err, bus.ErrUnavailable)
}

func TestServe_StopWaitsForTheAnswerUnderWay(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	begun, release := make(chan struct{}), make(chan struct{})
	endpoint := bus.Answer("slow", "get",
		func(context.Context, workspace.ID, *eventv1.Message) (proto.Message, error) {
			close(begun)
			<-release
			return &eventv1.Message{Id: "done"}, nil
		})
	stop := run(t, func(ctx context.Context) error { return b.Serve(ctx, "tester", []bus.Endpoint{endpoint}) })
	answered := make(chan error, 1)
	go func() {
		subject := event.AskSubject(workspace.ID{}, "slow", "get")
		for {
			err := b.Ask(t.Context(), subject, &eventv1.Message{}, &eventv1.Message{})
			select {
			case <-begun:
				answered <- err
				return
			default:
			}
		}
	}()
	receive(t, begun)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		stop()
	}()
	close(release)
	require.NoError(t, receive(t, answered))
	receive(t, stopped)
}
