// Package demo fills a fresh installation with one workspace that a newcomer can look at. It uses the public API of the
// gateway and of the sandbox, as a person would.
package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"time"
)

// Email and Password sign in to the demo workspace.
const (
	Email    = "demo@example.com"
	Password = "look around first"
)

const answerLimit = 1 << 20

var errRefused = errors.New("refused")

// Seed makes the demo workspace and lets a few customers write to it. A second call changes nothing.
func Seed(ctx context.Context, gateway, sandbox string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return fmt.Errorf("making a cookie jar: %w", err)
	}
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	status, err := call(ctx, client, http.MethodPost, gateway+"/api/auth/signup", map[string]string{
		"name": "Demo", "email": Email, "password": Password, "workspaceName": "Demo workspace",
	}, nil)
	if status == http.StatusConflict {
		return nil
	}
	if err != nil {
		return fmt.Errorf("signing up: %w", err)
	}
	addresses, err := ownAddresses(ctx, client, gateway)
	if err != nil {
		return err
	}
	for _, message := range firstMessages(addresses) {
		if _, err := call(ctx, client, http.MethodPost, sandbox+"/api/messages", message, nil); err != nil {
			return fmt.Errorf("letting a customer write: %w", err)
		}
	}
	return nil
}

func ownAddresses(ctx context.Context, client *http.Client, gateway string) (map[string]string, error) {
	var settings struct {
		Channels []struct{ Channel, From string }
	}
	if _, err := call(ctx, client, http.MethodGet, gateway+"/api/settings/communications", nil, &settings); err != nil {
		return nil, fmt.Errorf("reading the channels: %w", err)
	}
	addresses := map[string]string{}
	for _, channel := range settings.Channels {
		addresses[channel.Channel] = channel.From
	}
	return addresses, nil
}

func firstMessages(to map[string]string) []map[string]string {
	return []map[string]string{
		{"channel": "sms", "from": "+14155550132", "to": to["sms"], "body": "Hi, is the blue one back in stock?"},
		{
			"channel": "email", "from": "customer@example.net", "to": to["email"], "subject": "Invoice for October",
			"body": "Good morning,\n\ncould you send me the invoice for October once more? I cannot find it.\n\nThank you",
		},
		{"channel": "sms", "from": "+14155550198", "to": to["sms"], "body": "Running ten minutes late, sorry!"},
	}
}

// call makes one JSON request and reads the answer into out, unless that is nil. Every status of 400 and above is an
// error.
func call(ctx context.Context, client *http.Client, method, url string, body, out any) (int, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return 0, fmt.Errorf("encoding: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(encoded))
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, url, err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, url, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return 0, fmt.Errorf("reading the answer to %s %s: %w", method, url, err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return response.StatusCode, fmt.Errorf("%s %s: %w: %d %s", method, url, errRefused, response.StatusCode, answer)
	}
	if out == nil {
		return response.StatusCode, nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return 0, fmt.Errorf("decoding the answer to %s %s: %w", method, url, err)
	}
	return response.StatusCode, nil
}
