package systemtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// client is a person in a browser: cookies, and the Origin header a browser sends.
type client struct {
	t    *testing.T
	base string
	http *http.Client
	// from is our address by channel.
	from map[string]string
}

type answer struct {
	status int
	header http.Header
	body   map[string]any
}

// items is the list of an answer that carries one.
func (a answer) items() []map[string]any {
	list, _ := a.body["items"].([]any)
	items := make([]map[string]any, 0, len(list))
	for _, element := range list {
		if item, ok := element.(map[string]any); ok {
			items = append(items, item)
		}
	}
	return items
}

func (a answer) text(field string) string {
	text, _ := a.body[field].(string)
	return text
}

func stranger(t *testing.T, base string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &client{t: t, base: base, http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
}

// signUp makes a workspace of its own and learns its addresses.
func signUp(t *testing.T, base string) *client {
	t.Helper()
	c := stranger(t, base)
	created := c.call(http.MethodPost, "/api/auth/signup", map[string]any{
		"name": "Owner", "email": "owner-" + uuid.NewString() + "@example.com",
		"password": "correct horse battery staple", "workspaceName": "Workspace",
	})
	require.Equal(t, http.StatusCreated, created.status, created.body)
	settings := c.call(http.MethodGet, "/api/settings/communications", nil)
	require.Equal(t, http.StatusOK, settings.status, settings.body)
	c.from = map[string]string{}
	channels, _ := settings.body["channels"].([]any)
	for _, element := range channels {
		channel, _ := element.(map[string]any)
		name, _ := channel["channel"].(string)
		c.from[name], _ = channel["from"].(string)
	}
	require.NotEmpty(t, c.from["sms"])
	require.NotEmpty(t, c.from["email"])
	return c
}

// call makes one request with a JSON body (nil for none, []byte as it is).
func (c *client) call(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	got, err := c.try(method, path, body, headers...)
	require.NoError(c.t, err)
	return got
}

// try is call without an opinion about errors, for use off the test's goroutine.
func (c *client) try(method, path string, body any, headers ...string) (answer, error) {
	payload, ok := body.([]byte)
	if !ok && body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		payload = encoded
	}
	request, err := http.NewRequestWithContext(context.Background(), method, c.base+path, bytes.NewReader(payload))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Origin", c.base)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for at := 0; at+1 < len(headers); at += 2 {
		request.Header.Set(headers[at], headers[at+1])
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	got := answer{status: response.StatusCode, header: response.Header}
	_ = json.Unmarshal(raw, &got.body)
	return got, nil
}

// download reads a file of a message, or the range of it.
func (c *client) download(message, file map[string]any, part string) []byte {
	c.t.Helper()
	id, _ := message["id"].(string)
	fileID, _ := file["id"].(string)
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet,
		c.base+"/api/messages/"+id+"/attachments/"+fileID, http.NoBody)
	require.NoError(c.t, err)
	want := http.StatusOK
	if part != "" {
		request.Header.Set("Range", part)
		want = http.StatusPartialContent
	}
	response, err := c.http.Do(request)
	require.NoError(c.t, err)
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, want, response.StatusCode, string(content))
	return content
}

// send posts one message and returns its id.
func (c *client) send(channel, to, body string) string {
	c.t.Helper()
	accepted := c.call(http.MethodPost, "/api/communications", map[string]any{"channel": channel, "to": to, "body": body})
	require.Equal(c.t, http.StatusAccepted, accepted.status, accepted.body)
	return accepted.text("id")
}

// status is the state of a message, empty while it is not there.
func (c *client) status(messageID string) string {
	got, err := c.try(http.MethodGet, "/api/messages/"+messageID, nil)
	if err != nil || got.status != http.StatusOK {
		return ""
	}
	return got.text("status")
}

// waitStatus waits until the message is in one of the states and returns which.
func (c *client) waitStatus(messageID string, want ...string) string {
	c.t.Helper()
	var last string
	reached := assert.Eventually(c.t, func() bool {
		last = c.status(messageID)
		return slices.Contains(want, last)
	}, time.Minute, 50*time.Millisecond)
	require.True(c.t, reached, "message %s is %q, want one of %v", messageID, last, want)
	return last
}

// received lists what the customer at an address received.
func received(t *testing.T, sandbox, address string) []map[string]any {
	t.Helper()
	return stranger(t, sandbox).call(http.MethodGet, "/api/messages?limit=1000&to="+url.QueryEscape(address), nil).items()
}

// write lets a customer write.
func write(t *testing.T, sandbox string, message map[string]any) {
	t.Helper()
	got := stranger(t, sandbox).call(http.MethodPost, "/api/messages", message)
	require.Less(t, got.status, 300, got.body)
}

// digits is n digits of no meaning, other than the endings the sandbox gives one (0000 to 0009).
func digits(n int) string {
	text := make([]byte, n)
	for at := range text {
		text[at] = byte('1' + rand.IntN(9))
	}
	return string(text)
}
