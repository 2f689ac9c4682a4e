package systemtest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSystem_one_message_there_and_one_back(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	first, second := signUp(t, s.gateway), signUp(t, s.gateway)
	require.NotEqual(t, first.from["sms"], second.from["sms"])
	require.NotEqual(t, first.from["email"], second.from["email"])

	const phone = "+14055550123"
	mailbox := "customer-" + uuid.NewString()[:8] + "@example.net"
	conversation, message := thereAndBack(t, s, first, "sms", phone, "")
	thereAndBack(t, s, first, "email", mailbox, "Your order")
	thereAndBack(t, s, second, "sms", phone, "")
	wallStands(t, s, second, conversation, message)
}

// thereAndBack sends one message, waits until it is delivered, lets the customer answer, and finds the answer in the
// same conversation.
func thereAndBack(t *testing.T, s *system, c *client, channel, peer, subject string) (conversation, message string) {
	t.Helper()
	text, reply := "hello "+uuid.NewString()+" ünïcødé ✓", "answer "+uuid.NewString()+" 👍"
	request := map[string]any{"channel": channel, "to": peer, "body": text}
	back := map[string]any{"channel": channel, "from": peer, "to": c.from[channel], "body": reply}
	if subject != "" {
		request["subject"], back["subject"] = subject, "Re: "+subject
	}
	accepted := c.call(http.MethodPost, "/api/communications", request)
	require.Equal(t, http.StatusAccepted, accepted.status, accepted.body)
	message = accepted.text("id")
	c.waitStatus(message, "delivered", "opened", "clicked")

	var arrived []map[string]any
	for _, item := range received(t, s.sandbox, peer) {
		if body, _ := item["body"].(string); strings.Contains(body, text) {
			arrived = append(arrived, item)
		}
	}
	require.Len(t, arrived, 1, "the customer received it once")
	require.Contains(t, arrived[0]["from"], c.from[channel])

	back["inReplyTo"] = arrived[0]["id"]
	write(t, s.sandbox, back)
	conversation = c.call(http.MethodGet, "/api/messages/"+message, nil).text("conversationId")
	require.Eventually(t, func() bool {
		answers := 0
		for _, item := range c.call(http.MethodGet, "/api/conversations/"+conversation+"/messages", nil).items() {
			if body, _ := item["body"].(string); item["direction"] == "inbound" && strings.Contains(body, reply) {
				answers++
			}
		}
		return answers == 1
	}, 30*time.Second, 50*time.Millisecond, "the %s answer is not in the conversation", channel)

	got := c.call(http.MethodGet, "/api/conversations/"+conversation, nil)
	require.Equal(t, channel, got.body["channel"])
	require.Equal(t, true, got.body["isUnread"])
	require.GreaterOrEqual(t, len(c.call(http.MethodGet, "/api/messages/"+message+"/journey", nil).items()), 3)
	return conversation, message
}

func wallStands(t *testing.T, s *system, other *client, conversation, message string) {
	t.Helper()
	for _, path := range []string{
		"/api/messages/" + message, "/api/messages/" + message + "/journey",
		"/api/conversations/" + conversation, "/api/conversations/" + conversation + "/messages",
	} {
		got := other.call(http.MethodGet, path, nil)
		require.Equal(t, http.StatusNotFound, got.status, path)
		require.Contains(t, got.header.Get("Content-Type"), "application/problem+json")
		require.Equal(t, http.StatusUnauthorized, stranger(t, s.gateway).call(http.MethodGet, path, nil).status, path)
	}
	patched := other.call(http.MethodPatch, "/api/conversations/"+conversation, map[string]any{"status": "closed"})
	require.Equal(t, http.StatusNotFound, patched.status)
}

func TestSystem_first_messages_of_one_customer_meet_in_one_conversation(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	owner := signUp(t, s.gateway)

	const messages = 100
	failures := make(chan error, messages)
	customer := stranger(t, s.sandbox)
	for range messages {
		go func() {
			_, err := customer.try(http.MethodPost, "/api/messages", map[string]any{
				"channel": "sms", "from": "+14055550177", "to": owner.from["sms"], "body": uuid.NewString(),
			})
			failures <- err
		}()
	}
	for range messages {
		require.NoError(t, <-failures)
	}
	var conversations []map[string]any
	require.Eventually(t, func() bool {
		conversations = owner.call(http.MethodGet, "/api/conversations?limit=100", nil).items()
		if len(conversations) == 0 {
			return false
		}
		id, _ := conversations[0]["id"].(string)
		return len(owner.call(http.MethodGet, "/api/conversations/"+id+"/messages?limit=100", nil).items()) == messages
	}, 60*time.Second, 100*time.Millisecond)
	require.Len(t, conversations, 1)
}
