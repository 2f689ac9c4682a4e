package channel_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

func TestAPI_Open(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T, at string) (string, channel.MediaBody, *channel.Error) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, http.NoBody)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer secret")
		file, failed := channel.NewAPI(nil, "secret").Open(request)
		if failed != nil {
			return "", file, failed
		}
		defer func() { require.NoError(t, file.Close()) }()
		content, err := io.ReadAll(file)
		require.NoError(t, err)
		return string(content), file, nil
	}

	t.Run("gives the content as it comes, longer than an answer may be", func(t *testing.T) {
		t.Parallel()
		body := make([]byte, 2<<20)
		at := channeltest.Answering(t, channeltest.Reply{
			Status: 200, Header: map[string]string{"Content-Type": "image/png"}, Body: string(body),
		})
		content, file, failed := open(t, at.URL+"/file")
		require.Nil(t, failed)
		require.Len(t, content, len(body))
		require.Equal(t, "image/png", file.ContentType)
		require.Equal(t, "Bearer secret", at.Requests()[0].Header.Get("Authorization"))
	})

	t.Run("a file that is gone is not asked for again, one of a failing server is", func(t *testing.T) {
		t.Parallel()
		for status, class := range map[int]channel.Class{
			404: channel.PermanentConfig, 410: channel.Permanent, 401: channel.Auth, 500: channel.Retryable, 429: channel.RateLimited,
		} {
			_, _, failed := open(t, channeltest.Answering(t, channeltest.Reply{Status: status}).URL)
			require.NotNil(t, failed)
			require.Equal(t, class, failed.Class, status)
		}
	})

	t.Run("follows a redirect at home and none to an unprotected host", func(t *testing.T) {
		t.Parallel()
		elsewhere := channeltest.Answering(t, channeltest.Reply{Status: 200, Body: "theirs"})
		at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
			switch request.URL.Path {
			case "/home":
				w.Header().Set("Location", "/file")
				w.WriteHeader(http.StatusTemporaryRedirect)
			case "/away":
				w.Header().Set("Location", elsewhere.URL)
				w.WriteHeader(http.StatusTemporaryRedirect)
			default:
				_, _ = io.WriteString(w, "ours")
			}
		})
		content, _, failed := open(t, at.URL+"/home")
		require.Nil(t, failed)
		require.Equal(t, "ours", content)
		_, _, failed = open(t, at.URL+"/away")
		require.ErrorIs(t, failed, channel.ErrForeignMedia)
		require.Empty(t, elsewhere.Requests())
	})
}
