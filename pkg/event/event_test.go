package event_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// covers tells whether a subject matches a pattern with "*" and a last ">".
func covers(pattern, subject string) bool {
	want, have := strings.Split(pattern, "."), strings.Split(subject, ".")
	for i, token := range want {
		if token == ">" {
			return len(have) > i
		}
		if i >= len(have) || (token != "*" && token != have[i]) {
			return false
		}
	}
	return len(want) == len(have)
}

func TestSubjects(t *testing.T) {
	t.Parallel()
	ws := workspace.NewID()
	published := map[string][]string{
		event.StreamChange:     {event.ChangeSubject(ws, "message", "received")},
		event.StreamQuarantine: {event.QuarantineSubject("acme")},
		event.StreamDeadLetter: {
			event.DeadLetterSubject(event.ServiceSender, ws), event.DeadLetterSubject(event.ServiceStore, workspace.ID{}),
		},
	}
	for _, kind := range channel.Kinds() {
		published[event.StreamSend] = append(published[event.StreamSend], event.SendSubject(ws, kind))
		published[event.StreamInbound] = append(published[event.StreamInbound], event.InboundSubject(ws, kind))
		published[event.StreamReceipt] = append(published[event.StreamReceipt], event.ReceiptSubject(ws, kind))
	}

	t.Run("each is kept by its stream and by no other", func(t *testing.T) {
		t.Parallel()
		for name, subjects := range published {
			for _, subject := range subjects {
				var keepers []string
				for _, stream := range event.Streams() {
					for _, pattern := range stream.Subjects {
						if covers(pattern, subject) {
							keepers = append(keepers, stream.Name)
						}
					}
				}
				require.Equal(t, []string{name}, keepers, subject)
			}
		}
	})

	t.Run("the workspace can be read back", func(t *testing.T) {
		t.Parallel()
		for name, subjects := range published {
			if name == event.StreamQuarantine {
				continue
			}
			for _, subject := range subjects {
				got, ok := event.WorkspaceOf(subject)
				if strings.HasSuffix(subject, ".none") {
					require.False(t, ok, subject)
					continue
				}
				require.True(t, ok, subject)
				require.Equal(t, ws, got)
			}
		}
		for _, subject := range []string{"", ".", "send", "send.v1", "send.v1.x.sms", "dead.v1.sender", "quarantine.v1.acme"} {
			_, ok := event.WorkspaceOf(subject)
			require.False(t, ok, subject)
		}
	})

	t.Run("questions match their pattern whatever the workspace", func(t *testing.T) {
		t.Parallel()
		for _, asker := range []workspace.ID{ws, {}} {
			subject := event.AskSubject(asker, "message", "list")
			require.True(t, covers(event.AskPattern("message", "list"), subject))
			require.False(t, covers(event.AskPattern("message", "get"), subject))
		}
		require.True(t, covers(event.ChangesOf(ws), event.ChangeSubject(ws, "conversation", "updated")))
		require.False(t, covers(event.ChangesOf(workspace.NewID()), event.ChangeSubject(ws, "conversation", "updated")))
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	legal := regexp.MustCompile(`^[-/_=.a-zA-Z0-9]+$`) // what a bucket takes as a key

	t.Run("any text makes a legal key", func(t *testing.T) {
		t.Parallel()
		ws := workspace.NewID()
		for _, text := range []string{"", "+14155550123", "ana+x@example.com", "a b*c>d.", "ü\x00\n", strings.Repeat("x", 64)} {
			for _, key := range []string{
				event.RouteKey("acme", text, channel.Email, text), event.AccessKey(text), event.LedgerKey(ws, "m-1"), event.IdempotencyKey(ws, text),
			} {
				require.Regexp(t, legal, key)
				require.False(t, strings.HasPrefix(key, ".") || strings.HasSuffix(key, ".") || strings.Contains(key, ".."), key)
			}
		}
	})

	t.Run("different parts make different keys", func(t *testing.T) {
		t.Parallel()
		keys := map[string]bool{}
		for _, key := range []string{
			event.RouteKey("acme", "a", channel.SMS, "b"), event.RouteKey("acme", "ab", channel.SMS, ""),
			event.RouteKey("acme", "", channel.SMS, "ab"), event.RouteKey("other", "a", channel.SMS, "b"),
			event.RouteKey("acme", "b", channel.SMS, "a"), event.RouteKey("acme", "-", channel.SMS, "b"),
			event.RouteKey("acme", "", channel.SMS, "b"), event.RouteKey("acme", "a", channel.Call, "b"),
		} {
			require.False(t, keys[key], key)
			keys[key] = true
		}
		one, two := workspace.NewID(), workspace.NewID()
		require.NotEqual(t, event.IdempotencyKey(one, "k"), event.IdempotencyKey(two, "k"))
		require.NotEqual(t, event.LedgerKey(one, "m"), event.LedgerKey(two, "m"))
	})

	t.Run("a key shows no secret", func(t *testing.T) {
		t.Parallel()
		require.NotContains(t, event.AccessKey("ck_secret"), "secret")
		require.NotContains(t, event.IdempotencyKey(workspace.NewID(), "secret"), "secret")
	})
}

func TestTopology(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, stream := range event.Streams() {
		require.False(t, names[stream.Name])
		names[stream.Name] = true
		require.Positive(t, stream.MaxBytes, "%s is bounded by size", stream.Name)
		if stream.Retention != 0 {
			require.GreaterOrEqual(t, stream.Retention, 24*time.Hour, "%s keeps what is processed for a day", stream.Name)
		}
		require.NotEmpty(t, stream.Carries)
	}
	for _, bucket := range event.Buckets() {
		require.False(t, names[bucket.Name])
		names[bucket.Name] = true
		require.Positive(t, bucket.MaxBytes, "%s is bounded by size", bucket.Name)
		require.True(t, bucket.Projection || bucket.TTL > 0, "%s is rebuilt or ages", bucket.Name)
		require.NotEmpty(t, bucket.Holds)
	}
}
