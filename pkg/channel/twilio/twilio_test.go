package twilio_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/twilio"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, testCase())
}

func TestConformance_with_an_API_key(t *testing.T) {
	t.Parallel()
	c := testCase()
	c.Credential = func(base, token string) channel.Credential {
		fields := credential(base, token)
		fields["api_key_sid"], fields["api_key_secret"] = "SK00000000000000000000000000000001", "conformance_only_key_secret"
		return fields
	}
	channeltest.Run(t, c)
}

func TestVectors(t *testing.T) {
	t.Parallel()
	channeltest.Vectors(t, "testdata/vectors", testCase())
}

func connect(t *testing.T, base string, more ...string) channel.Connection {
	t.Helper()
	fields := credential(base, secret)
	for i := 0; i < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	connection, err := twilio.New().Connect(fields, nil)
	require.NoError(t, err)
	return connection
}

func TestConnect(t *testing.T) {
	t.Parallel()
	for field, value := range map[string]string{
		"account_sid": "AC1/../AC2", "phone_number": "12", "api_key_secret": "alone", "api_key_sid": "SKalone", "base_url": "http://example.com",
	} {
		fields := credential("", secret)
		fields[field] = value
		_, err := twilio.New().Connect(fields, nil)
		require.ErrorIs(t, err, channel.ErrInvalidCredential, field)
	}
	connect(t, "")
	connect(t, "http://127.0.0.1:8090/twilio")
}

func TestSend(t *testing.T) {
	t.Parallel()

	t.Run("posts a form to the account under any base", func(t *testing.T) {
		t.Parallel()
		for _, prefix := range []string{"", "/", "/twilio", "/twilio/"} {
			at := channeltest.Answering(t, testCase().Accepted)
			_, err := connect(t, at.URL+prefix).Send(t.Context(), outbound())
			require.NoError(t, err)
			request := at.Requests()[0]
			require.Equal(t, strings.TrimSuffix(prefix, "/")+"/2010-04-01/Accounts/"+account+"/Messages.json", request.URL.Path)
			user, password, _ := request.BasicAuth()
			require.Equal(t, account+secret, user+password)
			values, err := url.ParseQuery(string(request.Content))
			require.NoError(t, err)
			require.Equal(t, number, values.Get("From"))
			require.False(t, values.Has("MessagingServiceSid"))
		}
	})

	t.Run("an API key and a messaging service are used where they are given", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, testCase().Accepted)
		connection := connect(t, at.URL, "api_key_sid", "SK1", "api_key_secret", "key secret", "messaging_service_sid", "MG1")
		_, err := connection.Send(t.Context(), outbound())
		require.NoError(t, err)
		request := at.Requests()[0]
		user, password, _ := request.BasicAuth()
		require.Equal(t, "SK1/key secret", user+"/"+password)
		require.Contains(t, request.URL.Path, account)
		require.Contains(t, string(request.Content), "MessagingServiceSid=MG1")
	})

	t.Run("neither secret is told, whichever sends", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, refusal(400, "21602", "no: "+secret+" key_secret"))
		_, err := connect(t, at.URL, "api_key_sid", "SK1", "api_key_secret", "key_secret").Send(t.Context(), outbound())
		require.ErrorContains(t, err, "no: *** ***")
	})

	t.Run("a message that failed at once is refused, not accepted", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, channeltest.Reply{
			Status: 201, Body: `{"sid":"SM1","status":"failed","error_code":21610,"error_message":null}`,
		})
		_, err := connect(t, at.URL).Send(t.Context(), outbound())
		require.Equal(t, channel.OptedOut, channel.ClassOf(err))
		require.NotEmpty(t, channel.FailureOf(err).Message)
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
		return finder.Find(t.Context(), outbound(), since)
	}

	t.Run("two of the same text prove nothing", func(t *testing.T) {
		t.Parallel()
		_, err := look(t, channeltest.Answering(t, list(entry("a", outbound().Body, since), entry("b", outbound().Body, since))))
		require.ErrorIs(t, err, channel.ErrNotFound)
	})

	t.Run("the same words from another number, or long after, are another message", func(t *testing.T) {
		t.Parallel()
		theirs := entry("a", outbound().Body, since)
		theirs["from"] = "+14055550198"
		_, err := look(t, channeltest.Answering(t, list(theirs, entry("b", outbound().Body, since.Add(10*time.Minute)))))
		require.ErrorIs(t, err, channel.ErrNotFound)
		found, err := look(t, channeltest.Answering(t, list(theirs, entry("c", outbound().Body, since.Add(2*time.Minute)))))
		require.NoError(t, err)
		require.Equal(t, "c", found.ExternalID)
	})

	t.Run("a message still queued there is sent, in the provider's own word queued", func(t *testing.T) {
		t.Parallel()
		queued := entry("a", "Sent from your Twilio trial account - "+outbound().Body, since)
		queued["status"] = "queued"
		found, err := look(t, channeltest.Answering(t, list(queued)))
		require.NoError(t, err)
		require.Equal(t, channel.Sent, found.Status)
		require.Equal(t, "queued", found.ProviderStatus)
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

	t.Run("follows pages at the same place alone, as long as they are young enough", func(t *testing.T) {
		t.Parallel()
		elsewhere := channeltest.Answering(t, list())
		at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
			number := map[string]int{"": 0, "1": 1, "2": 2}[request.URL.Query().Get("Page")]
			entries := [][]map[string]any{
				{entry("new", "Another text", since.Add(time.Minute))},
				{entry("ours", outbound().Body, since.Add(time.Second))},
				{entry("old", outbound().Body, since.Add(-time.Hour))},
			}[number]
			next := fmt.Sprintf("%s/x?PageSize=1&Page=%d&PageToken=PA%d", elsewhere.URL, number+1, number+1)
			_ = json.NewEncoder(w).Encode(map[string]any{"messages": entries, "next_page_uri": next})
		})
		found, err := look(t, at)
		require.NoError(t, err)
		require.Equal(t, "ours", found.ExternalID)
		require.Empty(t, elsewhere.Requests())
		require.Len(t, at.Requests(), 3, "the third page is older")
		require.Equal(t, "PA2", at.Requests()[2].URL.Query().Get("PageToken"))
		require.Equal(t, customer, at.Requests()[2].URL.Query().Get("To"))
		require.Equal(t, number, at.Requests()[2].URL.Query().Get("From"))
	})
}

func TestParse(t *testing.T) {
	t.Parallel()

	t.Run("the news of a WhatsApp message belong to WhatsApp", func(t *testing.T) {
		t.Parallel()
		delivery, err := connect(t, "").Parse(post(statusURL, form("MessageSid", "SM1", "MessageStatus", "read", "EventType", "READ",
			"From", "whatsapp:"+number, "To", "whatsapp:"+customer, "ChannelPrefix", "whatsapp")))
		require.NoError(t, err)
		require.Equal(t, channel.WhatsApp, delivery.Receipts[0].Kind)
		require.Equal(t, channel.Read, delivery.Receipts[0].Status)
		require.Equal(t, number, delivery.Receipts[0].From)
	})

	t.Run("a canceled message has failed, and says why", func(t *testing.T) {
		t.Parallel()
		delivery, err := connect(t, "").Parse(post(statusURL, form("MessageSid", "SM1", "MessageStatus", "canceled")))
		require.NoError(t, err)
		require.Contains(t, delivery.Receipts[0].Failure.Message, "canceled")
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, accountReply, numberReply channeltest.Reply, more ...string) channel.CheckResult {
		t.Helper()
		at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
			reply := accountReply
			if strings.HasSuffix(request.URL.Path, "/IncomingPhoneNumbers.json") {
				reply = numberReply
			}
			w.WriteHeader(reply.Status)
			_, _ = w.Write([]byte(reply.Body))
		})
		result, err := connect(t, at.URL, more...).Check(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, result.Detail)
		return result
	}
	good, denied := testCase().Check.Good, testCase().Check.WrongKey
	key := []string{"api_key_sid", "SK1", "api_key_secret", "s"}

	t.Run("a suspended account sends nothing", func(t *testing.T) {
		t.Parallel()
		result := check(t, channeltest.Reply{Status: 200, Body: `{"status":"suspended"}`}, good)
		require.True(t, result.KeyValid)
		require.False(t, result.CanSend || result.CanReceive)
	})
	t.Run("a number of somebody else is not verified", func(t *testing.T) {
		t.Parallel()
		result := check(t, good, channeltest.Reply{Status: 200, Body: `{"incoming_phone_numbers":[]}`})
		require.True(t, result.KeyValid)
		require.False(t, *result.SenderVerified)
		require.False(t, result.CanSend)
	})
	t.Run("a good API key beside a wrong auth token sends and cannot receive", func(t *testing.T) {
		t.Parallel()
		result := check(t, denied, good, key...)
		require.True(t, result.KeyValid && result.CanSend)
		require.False(t, result.CanReceive)
	})
	t.Run("a wrong API key is told apart from one that may not", func(t *testing.T) {
		t.Parallel()
		require.False(t, check(t, good, denied, key...).KeyValid)
		limited := check(t, good, refusal(403, "20403", "Forbidden"), key...)
		require.True(t, limited.KeyValid)
		require.False(t, limited.CanSend)
	})
}
