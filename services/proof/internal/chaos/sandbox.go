package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const sandboxTimeout = 10 * time.Second

// sandbox tells the stand-in of the outside world to misbehave.
type sandbox struct{ base string }

// rule is what all providers do wrong, as the sandbox's API has it. The zero value behaves.
type rule struct {
	LatencyMS          int     `json:"latencyMs"`
	FailWith           string  `json:"failWith"`
	Calls              string  `json:"calls"`
	DropResponses      bool    `json:"dropResponses"`
	DropCallbacks      bool    `json:"dropCallbacks"`
	DuplicateCallbacks bool    `json:"duplicateCallbacks"`
	ShuffleCallbacks   bool    `json:"shuffleCallbacks"`
	RatePerSecond      float64 `json:"ratePerSecond"`
}

func (s *sandbox) put(ctx context.Context, wanted rule) error {
	ctx, cancel := context.WithTimeout(ctx, sandboxTimeout)
	defer cancel()
	body, err := json.Marshal(wanted)
	if err != nil {
		return fmt.Errorf("encoding the rule: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, s.base+"/api/faults", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("telling the sandbox to misbehave: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("telling the sandbox to misbehave: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10)) // it is only told
		return fmt.Errorf("telling the sandbox to misbehave: %s: %s", response.Status, said)
	}
	return nil
}
