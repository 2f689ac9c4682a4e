package sender_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

// templates asks for the templates of a channel account.
func (w *world) templates(ws workspace.ID, account string) (*senderv1.ListTemplatesResponse, error) {
	response := &senderv1.ListTemplatesResponse{}
	err := w.bus.Ask(w.t.Context(), event.AskSubject(ws, "template", "list"),
		&senderv1.ListTemplatesRequest{ChannelAccountId: account}, response)
	return response, err
}

func TestTemplates_AreListedByAnyProcessAndAskedForOnce(t *testing.T) {
	t.Parallel()
	v, plain, down := newVendor(t, "acme"), newVendor(t, "plain"), newVendor(t, "down")
	var asked atomic.Int32
	v.templates = func() ([]channel.Template, error) {
		asked.Add(1)
		return []channel.Template{{
			ID: "order", Title: "Order", Language: "en_US", Category: "UTILITY", Status: channel.TemplateApproved,
			Body: "Hello {{1}}\xff", Parameters: []channel.TemplateParameter{{Name: "1", Example: "Ana"}},
		}}, nil
	}
	down.templates = func() ([]channel.Template, error) {
		return nil, &channel.Error{Class: channel.Retryable, HTTPStatus: 500}
	}
	w := newWorld(t, v, plain, down)
	ready := make(chan string, 1)
	w.start(func(c *sender.Config) { c.Ready = func(address string) { ready <- address } })
	<-ready
	ws := w.newWorkspace(v)
	require.Eventually(t, func() bool {
		_, err := w.templates(ws, accountOf(ws))
		return err == nil
	}, patience, 10*time.Millisecond)

	for range 5 {
		response, err := w.templates(ws, accountOf(ws))
		require.NoError(t, err)
		require.Len(t, response.GetItems(), 1)
		item := response.GetItems()[0]
		require.Equal(t, "Hello {{1}}", item.GetBody())
		require.Equal(t, "approved", item.GetStatus())
		require.Equal(t, "Ana", item.GetParameters()[0].GetExample())
	}
	require.Equal(t, int32(1), asked.Load())

	without := w.newWorkspace(plain)
	require.Eventually(t, func() bool {
		response, err := w.templates(without, accountOf(without))
		return err == nil && len(response.GetItems()) == 0
	}, patience, 10*time.Millisecond)

	_, err := w.templates(workspace.NewID(), accountOf(ws))
	refused, ok := errors.AsType[*bus.AskError](err)
	require.True(t, ok)
	require.Equal(t, bus.CodeNotFound, refused.Code, "another workspace's account is none")

	broken := w.newWorkspace(down)
	require.Eventually(t, func() bool {
		_, err := w.templates(broken, accountOf(broken))
		refused, ok := errors.AsType[*bus.AskError](err)
		return ok && refused.Code == bus.CodeUnavailable
	}, patience, 10*time.Millisecond)
}
