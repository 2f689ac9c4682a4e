package systemtest_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	channelsPath = "/api/settings/communications"
	accountsPath = "/api/settings/accounts"
)

// ownTwilio chooses an account of the workspace's own for texts. The platform has none at this provider.
func ownTwilio(number, token string) map[string]any {
	return map[string]any{
		"channel": "sms", "mode": "byoc", "provider": "twilio",
		"credential": map[string]any{"account_sid": sandbox.TwilioAccount, "auth_token": token, "phone_number": number},
	}
}

// byOwn makes texts of the workspace go by its own account, and enters the address of its webhooks at the provider.
func byOwn(t *testing.T, s *system, c *client) {
	t.Helper()
	chosen := c.call(http.MethodPut, channelsPath, ownTwilio(sandbox.TwilioNumber, sandbox.TwilioToken))
	require.Equal(t, http.StatusOK, chosen.status, chosen.body)
	account, _ := chosen.body["account"].(map[string]any)
	url, _ := account["webhookUrl"].(string)
	require.Contains(t, url, "/api/webhooks/twilio/")
	entered := stranger(t, s.sandbox).call(http.MethodPut, "/api/webhooks", map[string]any{"provider": "twilio", "url": url})
	require.Equal(t, http.StatusOK, entered.status, entered.body)
	c.waitDefault("sms", sandbox.TwilioNumber)
}

// waitDefault waits until texts leave from an address.
func (c *client) waitDefault(channel, address string) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		channels, _ := c.call(http.MethodGet, channelsPath, nil).body["channels"].([]any)
		for _, element := range channels {
			if setting, _ := element.(map[string]any); setting["channel"] == channel {
				return setting["from"] == address // the default of the channel is the first
			}
		}
		return false
	}, 10*time.Second, 10*time.Millisecond)
}

func TestOwnAccount_there_and_back_and_back_to_the_platforms(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	c := signUp(t, s.gateway)
	platform := c.from["sms"]

	wrong := c.call(http.MethodPut, channelsPath, ownTwilio(sandbox.TwilioNumber, "a-wrong-token-of-some-length"))
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status, wrong.body)
	require.Equal(t, "account_refused", wrong.text("code"))
	unverified := c.call(http.MethodPut, channelsPath, ownTwilio("+14155550101", sandbox.TwilioToken))
	require.Equal(t, http.StatusUnprocessableEntity, unverified.status, unverified.body)
	require.NotEqual(t, wrong.text("detail"), unverified.text("detail"), "the key is valid, the number is not its own")
	require.Empty(t, c.call(http.MethodGet, accountsPath, nil).items(), "nothing is half saved")

	byOwn(t, s, c)
	c.from["sms"] = sandbox.TwilioNumber
	thereAndBack(t, s, c, "sms", "+1405555"+digits(4), "")

	require.Empty(t, s.filesWith(sandbox.TwilioToken), "a secret is nowhere in clear")
	require.Empty(t, s.filesWith("a-wrong-token-of-some-length"))
	inPostgres, inNATS := false, false
	for _, name := range s.filesWith(sandbox.TwilioAccount) { // what is no secret is found: the search works
		inPostgres = inPostgres || strings.Contains(name, "pg_wal")
		inNATS = inNATS || strings.Contains(name, "KV_credentials")
	}
	require.True(t, inPostgres && inNATS)

	other := signUp(t, s.gateway)
	taken := other.call(http.MethodPut, channelsPath, ownTwilio(sandbox.TwilioNumber, sandbox.TwilioToken))
	require.Equal(t, http.StatusConflict, taken.status, taken.body)
	require.Empty(t, other.call(http.MethodGet, accountsPath, nil).items())

	back := c.call(http.MethodPut, channelsPath, map[string]any{"channel": "sms", "mode": "platform"})
	require.Equal(t, http.StatusOK, back.status, back.body)
	c.waitDefault("sms", platform)
	c.from["sms"] = platform
	thereAndBack(t, s, c, "sms", "+1405555"+digits(4), "")
	removed := c.call(http.MethodDelete, accountsPath+"/twilio", nil)
	require.Equal(t, http.StatusNoContent, removed.status, removed.body)
	require.Len(t, c.call(http.MethodGet, "/api/audit", nil).items(), 4)
}

// filesWith lists the files that hold a text: of Postgres, of NATS, of the blob store, and the logs of every service.
func (s *system) filesWith(text string) []string {
	s.t.Helper()
	var found []string
	err := filepath.WalkDir(filepath.Dir(s.dir), func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !entry.Type().IsRegular() {
			return nil // Postgres removes files while we look
		}
		if err != nil {
			return err
		}
		content, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if bytes.Contains(content, []byte(text)) {
			found = append(found, name)
		}
		return err
	})
	require.NoError(s.t, err)
	return found
}

func TestOwnAccount_a_workspace_switches_while_it_sends(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	c := signUp(t, s.gateway)
	platform := c.from["sms"]
	byOwn(t, s, c)

	const each, every = 100, 50 * time.Millisecond // twenty a second
	stop := make(chan struct{})
	switched := make(chan int)
	go func() {
		times := 0
		for {
			select {
			case <-stop:
				switched <- times
				return
			case <-time.After(400 * time.Millisecond):
			}
			body := map[string]any{"channel": "sms", "mode": []string{"platform", "byoc"}[times%2], "provider": "twilio"}
			if got, err := c.try(http.MethodPut, channelsPath, body); err == nil && got.status == http.StatusOK {
				times++
			}
		}
	}()
	type sent struct{ id, to, text string }
	var all []sent
	due := time.NewTicker(every)
	for range each {
		<-due.C
		one := sent{to: "+1405" + digits(7), text: "text " + uuid.NewString()}
		one.id = c.send("sms", one.to, one.text)
		all = append(all, one)
	}
	due.Stop()
	close(stop)
	require.GreaterOrEqual(t, <-switched, 5)

	by := map[string]int{}
	for _, one := range all {
		c.waitStatus(one.id, "delivered")
		message := c.call(http.MethodGet, "/api/messages/"+one.id, nil)
		from := message.text("from")
		var arrived []map[string]any
		for _, item := range received(t, s.sandbox, one.to) {
			if body, _ := item["body"].(string); strings.Contains(body, one.text) {
				arrived = append(arrived, item)
			}
		}
		require.Len(t, arrived, 1, "each once")
		provider := map[string]string{platform: "signalwire", sandbox.TwilioNumber: "twilio"}[from]
		require.Equal(t, provider, arrived[0]["provider"], "by the account it was accepted for")
		require.Equal(t, from, arrived[0]["from"])
		by[provider]++
	}
	require.Greater(t, by["signalwire"], 10)
	require.Greater(t, by["twilio"], 10)
}
