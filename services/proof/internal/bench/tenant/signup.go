package tenant

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
)

const (
	signUpTimeout = 30 * time.Second
	maxAnswer     = 1 << 20
)

// signUp makes a workspace as a person does, and returns its id.
func signUp(ctx context.Context, gateway string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, signUpTimeout)
	defer cancel()
	body, err := json.Marshal(map[string]string{
		"name": "Bench", "email": "bench-" + uuid.NewString() + "@example.com",
		"password": uuid.NewString(), "workspaceName": "Bench",
	})
	if err != nil {
		return "", fmt.Errorf("encoding a sign-up: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, gateway+"/api/auth/signup", bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("signing up: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("signing up: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return "", fmt.Errorf("signing up: %w", err)
	}
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("signing up: %s: %s", response.Status, text)
	}
	var me struct {
		Workspace struct {
			ID string `json:"id"`
		} `json:"workspace"`
	}
	if err := json.Unmarshal(text, &me); err != nil {
		return "", fmt.Errorf("reading the answer to a sign-up: %w", err)
	}
	return me.Workspace.ID, nil
}
