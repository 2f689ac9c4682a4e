package signalwire_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/signalwire"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, testCase())
}

func TestVectors(t *testing.T) {
	t.Parallel()
	channeltest.Vectors(t, "testdata/vectors", testCase())
}

func connect(t *testing.T, base string) channel.Connection {
	t.Helper()
	connection, err := signalwire.New().Connect(credential(base, secret), nil)
	require.NoError(t, err)
	return connection
}

func TestSend(t *testing.T) {
	t.Parallel()

	t.Run("posts a form to the account under any base", func(t *testing.T) {
		t.Parallel()
		for _, prefix := range []string{"", "/", "/signalwire", "/signalwire/"} {
			at := channeltest.Answering(t, testCase().Accepted)
			_, err := connect(t, at.URL+prefix).Send(t.Context(), outbound())
			require.NoError(t, err)
			request := at.Requests()[0]
			require.Equal(t, strings.TrimSuffix(prefix, "/")+"/api/laml/2010-04-01/Accounts/"+project+"/Messages", request.URL.Path)
			user, password, _ := request.BasicAuth()
			require.Equal(t, project+token, user+password)
		}
	})

	t.Run("a message that failed at once is refused, not accepted", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, channeltest.Reply{
			Status: 201, Body: `{"sid":"x","status":"failed","error_code":"21610","error_message":"blocked"}`,
		})
		_, err := connect(t, at.URL).Send(t.Context(), outbound())
		require.Equal(t, channel.OptedOut, channel.ClassOf(err))
	})

	t.Run("a code does not outweigh a server error", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, refusal(500, "21211", "odd"))
		_, err := connect(t, at.URL).Send(t.Context(), outbound())
		require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
	})
}

func TestFind(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 17, 23, 59, 58, 0, time.UTC)
	look := func(t *testing.T, at *channeltest.StandIn) (channel.Found, error) {
		t.Helper()
		finder, ok := connect(t, at.URL).(channel.Finder)
		require.True(t, ok)
		return finder.Find(context.Background(), outbound(), since)
	}

	t.Run("two of the same text prove nothing", func(t *testing.T) {
		t.Parallel()
		_, err := look(t, channeltest.Answering(t, list(entry("a", outbound().Body, since), entry("b", outbound().Body, since))))
		require.ErrorIs(t, err, channel.ErrNotFound)
	})

	t.Run("the same words from another number, or long after, are another message", func(t *testing.T) {
		t.Parallel()
		theirs := entry("a", outbound().Body, since)
		theirs["from"] = "+15559876544"
		_, err := look(t, channeltest.Answering(t, list(theirs, entry("b", outbound().Body, since.Add(10*time.Minute)))))
		require.ErrorIs(t, err, channel.ErrNotFound)
		found, err := look(t, channeltest.Answering(t, list(theirs, entry("c", outbound().Body, since.Add(2*time.Minute)))))
		require.NoError(t, err)
		require.Equal(t, "c", found.ExternalID)
	})

	t.Run("a message still queued there is sent, in the provider's own word queued", func(t *testing.T) {
		t.Parallel()
		queued := entry("a", outbound().Body, since)
		queued["status"] = "queued"
		found, err := look(t, channeltest.Answering(t, list(queued)))
		require.NoError(t, err)
		require.Equal(t, channel.Sent, found.Status)
		require.Equal(t, "queued", found.ProviderStatus)
	})

	t.Run("our id decides among them", func(t *testing.T) {
		t.Parallel()
		ours := entry("b", outbound().Body, since)
		ours["status_callback"] = statusURL
		found, err := look(t, channeltest.Answering(t, list(entry("a", outbound().Body, since), ours)))
		require.NoError(t, err)
		require.Equal(t, "b", found.ExternalID)
	})

	t.Run("asks for both days around midnight and follows pages at the same place alone", func(t *testing.T) {
		t.Parallel()
		elsewhere := channeltest.Answering(t, list())
		at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
			query := request.URL.Query()
			if query.Get("Page") == "" {
				_, _ = fmt.Fprintf(w, `{"messages":[{"sid":"x"}],"next_page_uri":"%s/x?Page=1&DateSent=%s"}`, elsewhere.URL, query.Get("DateSent"))
				return
			}
			body, _ := json.Marshal(map[string]any{"messages": []any{}})
			if query.Get("DateSent") == "2026-03-18" {
				body, _ = json.Marshal(map[string]any{"messages": []any{entry("late", outbound().Body, since.Add(3*time.Second))}})
			}
			_, _ = w.Write(body)
		})
		found, err := look(t, at)
		require.NoError(t, err)
		require.Equal(t, "late", found.ExternalID)
		require.Empty(t, elsewhere.Requests())
		require.Len(t, at.Requests(), 4)
	})

	t.Run("a failed message comes with its reason", func(t *testing.T) {
		t.Parallel()
		failed := entry("a", outbound().Body, since)
		failed["status"], failed["error_code"] = "undelivered", 30005
		found, err := look(t, channeltest.Answering(t, list(failed)))
		require.NoError(t, err)
		require.Equal(t, channel.Undelivered, found.Status)
		require.Equal(t, channel.CodeInvalidRecipient, found.Failure.Code)
		require.Equal(t, "30005", found.Failure.ProviderCode)
	})
}

func TestVerify(t *testing.T) {
	t.Parallel()
	connection := connect(t, "http://127.0.0.1")
	header := func(name, value string) http.Header { h := http.Header{}; h.Set(name, value); return h }
	formSum := func(parts ...string) string { return base64.StdEncoding.EncodeToString(sum(secret, parts...)) }

	t.Run("takes the alias header", func(t *testing.T) {
		t.Parallel()
		webhook := post("https://a.test/x", []byte("b=2&a=1"))
		webhook.Header = header("X-Twilio-Signature", formSum("https://a.test/x", "a1b2"))
		require.NoError(t, connection.Verify(webhook))
	})

	t.Run("ports", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			seen, signed string
			ok           bool
		}{
			{"https://a.test/x", "https://a.test:443/x", true},
			{"https://a.test:443/x", "https://a.test/x", true},
			{"http://a.test?q=1", "http://a.test:80?q=1", true},
			{"https://[::1]/x", "https://[::1]:443/x", true},
			{"https://[::1]:443/x", "https://[::1]/x", true},
			{"https://u:p@a.test/x", "https://u:p@a.test:443/x", true},
			{"https://a.test:8443/x", "https://a.test/x", false},
			{"https://a.test:8443/x", "https://a.test:443/x", false},
			{"https://a.test/x", "https://a.test:80/x", false},
			{"https://a.test/x", "http://a.test/x", false},
			{"https://a.test/x/", "https://a.test/x", false},
		} {
			webhook := post(c.seen, []byte("a=1"))
			webhook.Header = header("X-SignalWire-Signature", formSum(c.signed, "a1"))
			err := connection.Verify(webhook)
			require.Equal(t, c.ok, err == nil, "%s signed as %s", c.seen, c.signed)
		}
	})

	t.Run("repeated names keep their order and their number", func(t *testing.T) {
		t.Parallel()
		var body []string
		signed := ""
		for i := range 40 {
			body, signed = append(body, fmt.Sprintf("b=%d&a=", 40-i)), signed+fmt.Sprintf("b%d", 40-i)
		}
		webhook := post("https://a.test/x", []byte(strings.Join(body, "&")))
		webhook.Header = header("X-SignalWire-Signature", formSum("https://a.test/x", strings.Repeat("a", 40), signed))
		require.NoError(t, connection.Verify(webhook))
		webhook.Body = append([]byte("b=40&"), webhook.Body...)
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
	})

	t.Run("a signature over the URL alone covers no body", func(t *testing.T) {
		t.Parallel()
		webhook := post("https://a.test/x", []byte(`MessageSid=forged&MessageStatus=delivered`))
		webhook.Header = header("X-SignalWire-Signature", formSum("https://a.test/x"))
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
		webhook.Body = []byte(`{"id":"forged","status":"delivered"}`)
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
	})
}

func TestConnect(t *testing.T) {
	t.Parallel()
	for _, space := range []string{
		"example.signalwire.com", "https://example.signalwire.com", "https://example.signalwire.com/",
		"http://127.0.0.1:8090/signalwire", "http://localhost:8090/signalwire", "http://[::1]:8090",
	} {
		_, err := signalwire.New().Connect(credential(space, secret), nil)
		require.NoError(t, err, space)
	}
	bad := credential("example.signalwire.com", secret)
	bad["phone_number"] = "12"
	_, err := signalwire.New().Connect(bad, nil)
	require.ErrorIs(t, err, channel.ErrInvalidCredential)
	require.ErrorContains(t, err, "phone_number")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	result, err := connect(t, channeltest.Answering(t, channeltest.Reply{
		Status: 200, Body: `{"incoming_phone_numbers":[]}`,
	}).URL).Check(t.Context())
	require.NoError(t, err)
	require.True(t, result.KeyValid)
	require.False(t, *result.SenderVerified)
	require.False(t, result.CanSend)
}

func TestParse(t *testing.T) {
	t.Parallel()
	parsed := func(t *testing.T, webhook channel.Webhook) channel.Receipt {
		t.Helper()
		delivery, err := connect(t, "http://127.0.0.1").Parse(webhook)
		require.NoError(t, err)
		require.Len(t, delivery.Receipts, 1)
		return delivery.Receipts[0]
	}

	t.Run("reads the same status from a form and from JSON", func(t *testing.T) {
		t.Parallel()
		fields := []string{
			"MessageSid", "sid-1", "MessageStatus", "undelivered", "ErrorCode", "30005", "AccountSid", project,
			"From", number, "To", customer, "NumSegments", "2",
		}
		object := map[string]any{"Price": nil, "Extra": []int{1}}
		for i := 0; i < len(fields); i += 2 {
			object[fields[i]] = fields[i+1]
		}
		object["ErrorCode"], object["NumSegments"] = 30005, 2
		body, err := json.Marshal(object)
		require.NoError(t, err)
		want := parsed(t, post(statusURL, form(fields...)))
		require.Equal(t, want, parsed(t, post(statusURL, body)))
		require.Equal(t, channel.CodeInvalidRecipient, want.Failure.Code)
		require.Equal(t, "m-1", want.MessageID)
		require.Equal(t, 2, want.Segments)
		require.Equal(t, number, want.From)
	})

	t.Run("our ids come back in custom variables too", func(t *testing.T) {
		t.Parallel()
		receipt := parsed(t, post(hookURL, []byte(`{"id":"sid-1","status":"delivered","custom_variables":
			{"workspace_id":"w-1","message_id":"m-1","attempt":2,"other":{"a":1}}}`)))
		require.Equal(t, "w-1/m-1/2", fmt.Sprintf("%s/%s/%d", receipt.WorkspaceID, receipt.MessageID, receipt.Attempt))
	})
}
