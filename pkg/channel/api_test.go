package channel_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// silent is a transport that does not tell what it does.
type silent struct{ err error }

func (s silent) RoundTrip(*http.Request) (*http.Response, error) { return nil, s.err }

func request(ctx context.Context, t *testing.T, at string) *http.Request {
	t.Helper()
	made, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader("a=b"))
	require.NoError(t, err)
	return made
}

func serve(t *testing.T, status int, body string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestAPI(t *testing.T) {
	t.Parallel()

	t.Run("gives back any answer as it is", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{200, 201, 302, 404, 500} {
			answer, failed := channel.NewAPI(nil).Do(request(t.Context(), t, serve(t, status, "text").URL))
			require.Nil(t, failed)
			require.Equal(t, status, answer.Status)
			require.Equal(t, "text", string(answer.Body))
			require.Equal(t, status < 300, answer.OK())
		}
	})

	t.Run("a transport that does not trace proves nothing", func(t *testing.T) {
		t.Parallel()
		cause := errors.New("lost")
		_, failed := channel.NewAPI(&http.Client{Transport: silent{err: cause}}).Do(request(t.Context(), t, "http://127.0.0.1:1"))
		require.Equal(t, channel.UnknownOutcome, failed.Class)
		require.ErrorIs(t, failed, cause)
	})

	t.Run("a failed handshake is a request that never left", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.StartTLS()
		t.Cleanup(server.Close)
		_, failed := channel.NewAPI(&http.Client{Transport: &http.Transport{}}).Do(request(t.Context(), t, server.URL))
		require.Equal(t, channel.Retryable, failed.Class)
	})

	t.Run("a call that makes no request is permanent", func(t *testing.T) {
		t.Parallel()
		api := channel.NewAPI(nil)
		for _, cause := range []error{nil, errors.New("cannot build")} {
			_, failed := api.Record(t.Context(), func(context.Context) error { return cause })
			require.Equal(t, channel.Permanent, failed.Class)
			require.ErrorIs(t, failed, channel.ErrNotAsked)
		}
	})

	t.Run("the error of an SDK does not outweigh the answer", func(t *testing.T) {
		t.Parallel()
		api, server := channel.NewAPI(nil), serve(t, 200, `{"id":"1"}`)
		answer, failed := api.Record(t.Context(), func(ctx context.Context) error {
			response, err := api.Client().Do(request(ctx, t, server.URL))
			require.NoError(t, err)
			return errors.Join(response.Body.Close(), errors.New("cannot decode"))
		})
		require.Nil(t, failed)
		require.Equal(t, 200, answer.Status)
	})

	t.Run("its client serves no call outside Record", func(t *testing.T) {
		t.Parallel()
		response, err := channel.NewAPI(nil).Client().Do(request(t.Context(), t, serve(t, 200, "").URL)) //nolint:bodyclose // there is none
		require.ErrorIs(t, err, channel.ErrNotAsked)
		require.Nil(t, response)
	})

	t.Run("the size of an answer is bounded", func(t *testing.T) {
		t.Parallel()
		server := serve(t, 200, strings.Repeat("x", 11))
		_, failed := channel.NewAPI(nil).WithLimit(10).Do(request(t.Context(), t, server.URL))
		require.ErrorIs(t, failed, channel.ErrAnswerTooLarge)
		require.Equal(t, channel.UnknownOutcome, failed.Class)
		answer, failed := channel.NewAPI(nil).WithLimit(11).Do(request(t.Context(), t, server.URL))
		require.Nil(t, failed)
		require.Len(t, answer.Body, 11)
	})

	t.Run("no error tells a secret", func(t *testing.T) {
		t.Parallel()
		cause := errors.New("proxy user s3cret refused")
		api := channel.NewAPI(&http.Client{Transport: silent{err: cause}}, "", "s3cret")
		_, failed := api.Do(request(t.Context(), t, "http://127.0.0.1:1/s3cret"))
		require.NotContains(t, failed.Error(), "s3cret")
		require.ErrorIs(t, failed, cause)
	})

	t.Run("a sentence is short, valid and clean", func(t *testing.T) {
		t.Parallel()
		api := channel.NewAPI(nil, "s3cret")
		require.Equal(t, "key *** refused", api.Sentence("key s3cret\xff refused"))
		require.Less(t, len(api.Sentence(strings.Repeat("ü", 5000))), 600)
	})

	t.Run("leaves the client it was given alone", func(t *testing.T) {
		t.Parallel()
		client := &http.Client{}
		channel.NewAPI(client)
		require.Equal(t, http.Client{}, *client)
	})
}
