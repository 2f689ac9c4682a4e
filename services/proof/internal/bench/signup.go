package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
)

const (
	signedUp      = 5
	signUpTimeout = 30 * time.Second
	maxAnswer     = 1 << 20
)

// signUps makes workspaces as a person does, where nothing but the API can be reached, and finds their numbers.
func signUps(ctx context.Context, gateway string) ([]tenant.Workspace, error) {
	homes := make([]tenant.Workspace, signedUp)
	for i := range homes {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, fmt.Errorf("making a cookie jar: %w", err)
		}
		client := &http.Client{Jar: jar, Timeout: signUpTimeout}
		name := "bench " + strconv.Itoa(i)
		if err := ask(ctx, client, http.MethodPost, gateway+"/api/auth/signup", map[string]string{
			"name": name, "email": "bench-" + uuid.NewString() + "@example.com", "password": uuid.NewString(), "workspaceName": name,
		}, nil); err != nil {
			return nil, err
		}
		var settings struct {
			Channels []struct{ Channel, From string }
		}
		if err := ask(ctx, client, http.MethodGet, gateway+"/api/settings/communications", nil, &settings); err != nil {
			return nil, err
		}
		var key struct{ Secret string }
		wanted := map[string]string{"name": name, "role": "agent"}
		if err := ask(ctx, client, http.MethodPost, gateway+"/api/api-keys", wanted, &key); err != nil {
			return nil, err
		}
		homes[i].Key = key.Secret
		homes[i].Accounts = map[channel.Kind]tenant.Account{}
		for _, c := range settings.Channels {
			homes[i].Accounts[channel.Kind(c.Channel)] = tenant.Account{Address: c.From}
		}
	}
	return homes, nil
}

func ask(ctx context.Context, client *http.Client, method, address string, what, into any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("encoding a question: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("asking the API: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking the API: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("asking the API: %w", err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("asking the API: %s: %s", response.Status, text)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading an answer of the API: %w", err)
	}
	return nil
}
