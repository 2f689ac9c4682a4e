package systemtest_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
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
	spans := newCollector(t)
	s := startSystem(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": spans.url, "OTEL_BSP_SCHEDULE_DELAY": "100"})
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
	require.Eventually(t, func() bool { return len(spans.sends()) > 0 }, 30*time.Second, 100*time.Millisecond)
	require.True(t, spans.holds(event.ServiceSender), "what is no secret is found")
	require.False(t, spans.holds(sandbox.TwilioToken), "nor in a trace")
	require.False(t, spans.holds("a-wrong-token-of-some-length"))
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

	const each = 100
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
	all := sendSteadily(c, func(sent int) bool { return sent < each })
	close(stop)
	require.GreaterOrEqual(t, <-switched, 5)

	by := map[string]int{}
	for _, one := range all {
		from, arrived := s.arrivedOnce(c, one)
		provider := map[string]string{platform: "signalwire", sandbox.TwilioNumber: "twilio"}[from]
		require.Equal(t, provider, arrived["provider"], "by the account it was accepted for")
		require.Equal(t, from, arrived["from"])
		by[provider]++
	}
	require.Greater(t, by["signalwire"], 10)
	require.Greater(t, by["twilio"], 10)
}

// sent is a text to somebody who gets no other.
type sent struct{ id, to, text string }

// sendSteadily sends twenty texts a second as long as more says so.
func sendSteadily(c *client, more func(sent int) bool) []sent {
	c.t.Helper()
	var all []sent
	due := time.NewTicker(50 * time.Millisecond)
	defer due.Stop()
	for more(len(all)) {
		<-due.C
		one := sent{to: "+1405" + digits(7), text: "text " + uuid.NewString()}
		one.id = c.send("sms", one.to, one.text)
		all = append(all, one)
	}
	return all
}

// arrivedOnce waits until a text is delivered, requires that it came once, and returns what it is said to be from and
// what the provider knows of it.
func (s *system) arrivedOnce(c *client, one sent) (from string, arrived map[string]any) {
	s.t.Helper()
	c.waitStatus(one.id, "delivered")
	times := 0
	for _, item := range received(s.t, s.sandbox, one.to) {
		if body, _ := item["body"].(string); strings.Contains(body, one.text) {
			arrived = item
			times++
		}
	}
	require.Equal(s.t, 1, times, "each once")
	return c.call(http.MethodGet, "/api/messages/"+one.id, nil).text("from"), arrived
}

func TestOwnAccount_keys_are_rotated_while_it_sends(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	c := signUp(t, s.gateway)
	byOwn(t, s, c)
	private, open := s.env["CONVERSATIONS_SEALING_KEYS_FILE"], s.env["CONVERSATIONS_SEALING_PUBLIC_KEYS_FILE"]
	old := strings.Trim(s.run("keyset", "list", private), "* \n")

	rotated := make(chan struct{})
	go func() {
		defer close(rotated)
		s.run("keyset", "rotate", private)
		if !assert.EventuallyWithT(t, func(t *assert.CollectT) { // each service reads its file when it is due
			s.run("operator", "credentials", "reseal")
			assert.NotContains(t, s.run("operator", "credentials", "list"), old)
		}, 30*time.Second, 100*time.Millisecond) {
			return
		}
		assert.NoError(t, os.WriteFile(open, []byte(s.run("keyset", "public", private)), 0o600))
		s.run("keyset", "retire", private, old)
		for _, service := range []string{event.ServiceSender, event.ServiceWebhook} {
			assert.Eventually(t, func() bool { // the new key, then no other
				return strings.Count(s.logOf(service), "the sealing keys are others now") == 2
			}, 30*time.Second, 100*time.Millisecond, service)
		}
		assert.Eventually(t, func() bool {
			return strings.Contains(s.logOf(event.ServiceGateway), "the sealing keys are others now")
		}, 30*time.Second, 100*time.Millisecond)
	}()
	after := 0
	all := sendSteadily(c, func(int) bool {
		select {
		case <-rotated:
			after++
		default:
		}
		return after < 20
	})
	require.False(t, t.Failed())
	for _, one := range all {
		_, arrived := s.arrivedOnce(c, one)
		require.Equal(t, "twilio", arrived["provider"])
	}

	byOwn(t, s, c) // a secret that is entered now is sealed with the key that is left
	for _, service := range []string{event.ServiceSender, event.ServiceWebhook} {
		s.services[service].kill(t)
		s.start(service, "").waitReady(t)
	}
	c.from["sms"] = sandbox.TwilioNumber
	thereAndBack(t, s, c, "sms", "+1405555"+digits(4), "")
}

// run runs a command of an operator to its end and returns what it printed. One that fails has printed nothing.
func (s *system) run(name string, args ...string) string {
	command := exec.CommandContext(s.t.Context(), filepath.Join(binaries, name), args...)
	command.Env = []string{"NATS_URL=" + s.env["NATS_URL"], "HOME=" + s.dir}
	out, err := command.Output()
	if err != nil {
		s.t.Logf("%s %v: %v", name, args, err)
		return ""
	}
	return string(out)
}

// logOf is what a service has logged.
func (s *system) logOf(service string) string {
	text, err := os.ReadFile(s.services[service].log)
	if err != nil {
		s.t.Error(err)
	}
	return string(text)
}
