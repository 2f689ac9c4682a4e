package conversation_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

func workspaceID(t *testing.T, text string) workspace.ID {
	t.Helper()
	id, err := workspace.ParseID(text)
	require.NoError(t, err)
	return id
}

func TestDerive(t *testing.T) {
	t.Parallel()
	one := workspaceID(t, "0192f0c1-2b3c-7def-8123-456789abcdef")
	two := workspaceID(t, "0192f0c1-2b3c-7def-8123-456789abcdee")

	t.Run("two first messages meet in one conversation", func(t *testing.T) {
		t.Parallel()
		first := conversation.DeriveID(one, channel.SMS, "account", "+14155550123")
		require.Equal(t, first, conversation.DeriveID(one, channel.SMS, "account", "+14155550123"))
		require.Equal(t, "aaf296a2-d078-5ef9-8b21-ab314fb110c4", first, "ids are for ever: the derivation must not change")
	})

	t.Run("every part makes another id", func(t *testing.T) {
		t.Parallel()
		ids := []string{
			conversation.DeriveID(one, channel.SMS, "account", "peer"),
			conversation.DeriveID(two, channel.SMS, "account", "peer"),
			conversation.DeriveID(one, channel.Email, "account", "peer"),
			conversation.DeriveID(one, channel.SMS, "accountpeer", ""),
			conversation.DeriveID(one, channel.SMS, "accoun", "tpeer"),
			conversation.DeriveMessageID(one, "account", "peer"),
			conversation.DeriveMessageID(two, "account", "peer"),
			conversation.DeriveContactID(one, channel.SMS, "peer"),
			conversation.DeriveContactID(one, channel.Email, "peer"),
		}
		seen := map[string]bool{}
		for _, id := range ids {
			parsed, err := uuid.Parse(id)
			require.NoError(t, err)
			require.Equal(t, uuid.Version(5), parsed.Version())
			require.False(t, seen[id], id)
			seen[id] = true
		}
	})
}

func TestReplyAddress(t *testing.T) {
	t.Parallel()

	t.Run("comes back whatever a mail program does to its case", func(t *testing.T) {
		t.Parallel()
		for _, address := range []string{"hello@acme.example", "a@b", "sales+eu@acme.example", "x.y-z_1@mail.sandbox.test"} {
			for range 200 {
				id := uuid.New().String()
				reply := conversation.ReplyAddress(address, id)
				for _, arrived := range []string{reply, strings.ToUpper(reply), strings.ToLower(reply)} {
					plain, found := conversation.ParseReplyAddress(arrived)
					require.Equal(t, id, found)
					require.True(t, strings.EqualFold(address, plain))
				}
			}
		}
	})

	t.Run("is an address of legal length", func(t *testing.T) {
		t.Parallel()
		reply := conversation.ReplyAddress(strings.Repeat("a", 30)+"-999999@mail.sandbox.test", uuid.NewString())
		normal, err := channel.NormalizeAddress(channel.Email, reply)
		require.NoError(t, err)
		require.Equal(t, reply, normal)
		local, _, _ := strings.Cut(reply, "@")
		require.LessOrEqual(t, len(local), 64)
	})

	t.Run("leaves alone what is no address or no id", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "nobody", conversation.ReplyAddress("nobody", uuid.NewString()))
		require.Equal(t, "a@b", conversation.ReplyAddress("a@b", "no-id"))
	})

	t.Run("takes no other plus-address for ours", func(t *testing.T) {
		t.Parallel()
		for _, address := range []string{"a@b", "a+@b", "a+news@b", "a+c_8f2@b", "a", "", "+@", "a+" + strings.Repeat("0", 25) + "@b"} {
			plain, id := conversation.ParseReplyAddress(address)
			require.Empty(t, id, address)
			require.Equal(t, address, plain)
		}
	})
}

func FuzzParseReplyAddress(f *testing.F) {
	f.Add("hello@acme.example", "0192f0c1-2b3c-7def-8123-456789abcdef")
	f.Add("a+b+c@d@e", "x")
	f.Fuzz(func(t *testing.T, address, id string) {
		plain, found := conversation.ParseReplyAddress(address)
		if found == "" {
			require.Equal(t, address, plain)
		}
		parsed, err := uuid.Parse(id)
		if err != nil || !strings.Contains(address, "@") {
			return
		}
		plain, found = conversation.ParseReplyAddress(conversation.ReplyAddress(address, id))
		require.Equal(t, address, plain)
		require.Equal(t, parsed.String(), found)
	})
}
