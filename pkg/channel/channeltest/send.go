package channeltest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// failure is the *channel.Error that every error of a provider is.
func failure(t *testing.T, c Case, err error) *channel.Error {
	t.Helper()
	require.Error(t, err)
	failed, ok := errors.AsType[*channel.Error](err)
	require.True(t, ok, "%T is no *channel.Error", err)
	for _, secret := range c.secrets() {
		require.NotContains(t, err.Error(), secret, "an error tells a secret")
	}
	return failed
}

func send(t *testing.T, c Case) {
	t.Helper()
	t.Run("accepted, with our ids riding along", func(t *testing.T) {
		t.Parallel()
		at := Answering(t, c.Accepted)
		accepted, err := c.connection(t, at).Send(t.Context(), c.Message)
		require.NoError(t, err)
		require.Equal(t, c.AcceptedID, accepted.ExternalID)
		require.Contains(t, []channel.Status{channel.Queued, channel.Sending, channel.Sent}, accepted.Status)
		requests := at.Requests()
		require.Len(t, requests, 1, "a send is one call")
		sent := c.Read(requests[0].Request, requests[0].Content)
		require.Equal(t, c.Message.To, sent.To)
		require.Equal(t, c.Message.Body, sent.Body)
		requireOurs(t, c.Message, sent)
		require.NotEmpty(t, sent.Authorization)
	})
	refused(t, c)
	t.Run("many at once, each with its own ids", func(t *testing.T) {
		t.Parallel()
		sendMany(t, c)
	})
}

// refused are the provider's own refusals of a send.
func refused(t *testing.T, c Case) {
	t.Helper()
	for class, reply := range c.Refusals {
		t.Run("refused as "+string(class), func(t *testing.T) {
			t.Parallel()
			at := Answering(t, reply)
			_, err := c.connection(t, at).Send(t.Context(), c.Message)
			failed := failure(t, c, err)
			require.Equal(t, class, failed.Class, err)
			require.Equal(t, reply.Status, failed.HTTPStatus)
			require.NotEmpty(t, failed.ProviderCode+failed.Message, "the provider's own words are kept")
			if class == channel.RateLimited {
				require.Equal(t, c.RetryAfter, failed.RetryAfter)
			}
			require.Len(t, at.Requests(), 1, "a provider does not retry")
		})
	}
	t.Run("a refusal that repeats the credential does not leak it", func(t *testing.T) {
		t.Parallel()
		at := NewStandIn(t, func(w http.ResponseWriter, request Request) {
			_, authorization, _ := strings.Cut(request.Header.Get("Authorization"), " ")
			c.Refusal("no: " + authorization + " " + strings.Join(c.secrets(), " ")).write(w)
		})
		_, err := c.connection(t, at).Send(t.Context(), c.Message)
		failed := failure(t, c, err)
		if _, authorization, given := strings.Cut(at.Requests()[0].Header.Get("Authorization"), " "); given {
			require.NotContains(t, failed.Error(), authorization)
		}
		require.Contains(t, failed.Message, "no: ")
	})
}

func requireOurs(t *testing.T, message channel.Outbound, sent Sent) {
	t.Helper()
	require.Equal(t, message.WorkspaceID, sent.WorkspaceID)
	require.Equal(t, message.MessageID, sent.MessageID)
	require.Equal(t, message.Attempt, sent.Attempt)
}

func sendMany(t *testing.T, c Case) {
	t.Helper()
	const many = 32
	at := Answering(t, c.Accepted)
	connection := c.connection(t, at)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			message := c.Message
			message.MessageID, message.Body = fmt.Sprintf("message-%d", i), fmt.Sprintf("text %d", i)
			message.StatusURL = "https://hooks.example.test/status?" + channel.CallbackQuery(message).Encode()
			_, err := connection.Send(t.Context(), message)
			assert.NoError(t, err)
		})
	}
	group.Wait()
	texts := map[string]string{}
	for _, request := range at.Requests() {
		sent := c.Read(request.Request, request.Content)
		texts[sent.MessageID] = sent.Body
	}
	require.Len(t, texts, many)
	for i := range many {
		require.Equal(t, fmt.Sprintf("text %d", i), texts[fmt.Sprintf("message-%d", i)])
	}
}

// lost are the calls whose answer never came: what matters is whether the request may have left.
func lost(t *testing.T, c Case) {
	t.Helper()
	t.Run("nobody listens: nothing happened", func(t *testing.T) {
		t.Parallel()
		connection, err := c.Provider.Connect(c.Credential(nobody(t), c.Secret), nil)
		require.NoError(t, err)
		_, err = connection.Send(t.Context(), c.Message)
		require.Equal(t, channel.Retryable, failure(t, c, err).Class, err)
	})
	t.Run("cancelled before the call: nothing happened", func(t *testing.T) {
		t.Parallel()
		at := Answering(t, c.Accepted)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := c.connection(t, at).Send(ctx, c.Message)
		require.Equal(t, channel.Retryable, failure(t, c, err).Class, err)
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, at.Requests())
	})
	t.Run("cancelled during the call: unknown", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		at := NewStandIn(t, func(_ http.ResponseWriter, request Request) {
			cancel()
			<-request.Context().Done()
		})
		_, err := c.connection(t, at).Send(ctx, c.Message)
		require.Equal(t, channel.UnknownOutcome, failure(t, c, err).Class, err)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("time-out: unknown", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // long enough for the request to leave on a busy machine
		defer cancel()
		at := NewStandIn(t, func(_ http.ResponseWriter, request Request) { <-request.Context().Done() })
		_, err := c.connection(t, at).Send(ctx, c.Message)
		require.Equal(t, channel.UnknownOutcome, failure(t, c, err).Class, err)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	for name, beginning := range map[string]string{
		"reply lost after acceptance": "",
		"reply cut in its head":       "HTTP/1.1 200 OK\r\nContent-",
		"reply cut in its body":       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
		"reply is no HTTP":            "220 mail.example.com ESMTP\r\n\r\n",
	} {
		t.Run(name+": unknown", func(t *testing.T) {
			t.Parallel()
			at := NewStandIn(t, func(w http.ResponseWriter, _ Request) { cut(t, w, beginning) })
			_, err := c.connection(t, at).Send(t.Context(), c.Message)
			require.Equal(t, channel.UnknownOutcome, failure(t, c, err).Class, err)
			require.Len(t, at.Requests(), 1, "it is not sent again")
		})
	}
}

// odd are answers that are not the provider's.
func odd(t *testing.T, c Case) {
	t.Helper()
	const html = "<html><body>Bad gateway</body></html>"
	page := map[string]string{"Content-Type": "text/html"}
	for name, reply := range map[string]Reply{
		"an oversized answer":    {Status: 200, Body: strings.Repeat(" ", 3<<20) + c.Accepted.Body},
		"a page instead of JSON": {Status: 200, Header: page, Body: html},
		"an empty answer":        {Status: 200},
		"a list":                 {Status: 200, Body: "[]"},
		"an object without id":   {Status: 201, Body: "{}"},
		"the page of a proxy":    {Status: 502, Header: page, Body: html},
		"a gateway time-out":     {Status: 504, Header: page, Body: html},
		"a server error":         {Status: 500, Body: `{"message":"internal"}`},
		"an oversized error":     {Status: 503, Body: strings.Repeat("x", 3<<20)},
	} {
		t.Run(name+" leaves the outcome unknown", func(t *testing.T) {
			t.Parallel()
			_, err := c.connection(t, Answering(t, reply)).Send(t.Context(), c.Message)
			failed := failure(t, c, err)
			require.Equal(t, channel.UnknownOutcome, failed.Class, err)
			require.Equal(t, reply.Status, failed.HTTPStatus)
		})
	}
	for name, reply := range map[string]Reply{
		"a page with status 400":       {Status: 400, Header: page, Body: html},
		"an oversized refusal":         {Status: 422, Body: strings.Repeat("x", 3<<20)},
		"a refusal of unknown meaning": {Status: 418, Body: `{"code":999999,"name":"teapot"}`},
	} {
		t.Run(name+" is permanent", func(t *testing.T) {
			t.Parallel()
			_, err := c.connection(t, Answering(t, reply)).Send(t.Context(), c.Message)
			require.Equal(t, channel.Permanent, failure(t, c, err).Class, err)
		})
	}
	t.Run("a redirect is not followed", func(t *testing.T) {
		t.Parallel()
		elsewhere := Answering(t, c.Accepted)
		for _, status := range []int{301, 302, 303, 307, 308} {
			at := Answering(t, Reply{Status: status, Header: map[string]string{"Location": elsewhere.URL}})
			_, err := c.connection(t, at).Send(t.Context(), c.Message)
			require.NotEmpty(t, failure(t, c, err).Class)
		}
		require.Empty(t, elsewhere.Requests())
	})
}
