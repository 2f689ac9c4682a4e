package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
)

// errNotResealed is returned when some credential could not be sealed anew.
var errNotResealed = errors.New("not every credential is sealed with the key that seals now")

type command func(ctx context.Context, connected *bus.Bus, stdout io.Writer) error

func credentialsCommand(name string) (command, bool) {
	switch name {
	case "credentials list":
		return listCredentials, true
	case "credentials reseal":
		return resealCredentials, true
	}
	return nil, false
}

// credentialLine is what is printed of a credential.
type credentialLine struct {
	Workspace  string `json:"workspace"`
	Credential string `json:"credential"`
	Provider   string `json:"provider"`
	// Keys are the ids of the keys that its secrets are sealed with.
	Keys []uint32 `json:"keys"`
	// Resealed are the secrets that are sealed with another key now; Problem is why they are not.
	Resealed []string `json:"resealed,omitempty"`
	Problem  string   `json:"problem,omitempty"`
}

func lineOf(c *bucketv1.Credential) credentialLine {
	keys := map[uint32]bool{}
	for _, secret := range c.GetSecrets() {
		id, _ := seal.KeyID(secret.GetSealed())
		keys[id] = true
	}
	return credentialLine{
		Workspace: c.GetWorkspaceId(), Credential: c.GetId(), Provider: c.GetProvider(), Keys: slices.Sorted(maps.Keys(keys)),
	}
}

// listCredentials prints which keys every credential is sealed with: a key that none names may be retired.
func listCredentials(ctx context.Context, connected *bus.Bus, stdout io.Writer) error {
	return eachCredential(ctx, connected, func(c *bucketv1.Credential) error { return printLine(stdout, lineOf(c)) })
}

// resealCredentials brings every secret to the key that seals now, while everything runs. What cannot be brought there is
// told, and the rest goes on.
func resealCredentials(ctx context.Context, connected *bus.Bus, stdout io.Writer) error {
	failed := false
	err := eachCredential(ctx, connected, func(c *bucketv1.Credential) error {
		line := lineOf(c)
		resealed, err := reseal(ctx, connected, c)
		if ctx.Err() != nil {
			return err
		}
		if line.Resealed = resealed; err != nil {
			line.Problem, failed = err.Error(), true
		}
		return printLine(stdout, line)
	})
	if err == nil && failed {
		return errNotResealed
	}
	return err
}

var errChangedMeanwhile = errors.New("it was changed meanwhile: run the command again")

// reseal asks outbound-sender for a credential's secrets, sealed anew, and conversation-store to keep them.
func reseal(ctx context.Context, connected *bus.Bus, c *bucketv1.Credential) ([]string, error) {
	ws, err := workspace.ParseID(c.GetWorkspaceId())
	if err != nil {
		return nil, fmt.Errorf("reading the credential: %w", err)
	}
	var again senderv1.ResealCredentialResponse
	asked := &senderv1.ResealCredentialRequest{Credential: c}
	if err := connected.Ask(ctx, event.AskSubject(ws, "credential", "reseal"), asked, &again); err != nil {
		return nil, err
	}
	if len(again.GetSealed()) == 0 {
		return nil, nil
	}
	replace := &operatorv1.ReplaceSealedRequest{CredentialId: c.GetId()}
	fields := slices.Sorted(maps.Keys(again.GetSealed()))
	for _, field := range fields {
		replace.Secrets = append(replace.Secrets, &operatorv1.ReplacedSecret{
			Field: field, Before: c.GetSecrets()[field].GetSealed(), After: again.GetSealed()[field],
		})
	}
	var replaced operatorv1.ReplaceSealedResponse
	if err := connected.Ask(ctx, event.AskSubject(ws, "sealed-credential", "replace"), replace, &replaced); err != nil {
		return nil, err
	}
	if !replaced.GetReplaced() {
		return nil, errChangedMeanwhile
	}
	return fields, nil
}

func eachCredential(ctx context.Context, connected *bus.Bus, do func(*bucketv1.Credential) error) error {
	request := &operatorv1.ListSealedCredentialsRequest{}
	for {
		var page operatorv1.ListSealedCredentialsResponse
		if err := connected.Ask(ctx, event.AskSubject(workspace.ID{}, "sealed-credential", "list"), request, &page); err != nil {
			return err
		}
		for _, c := range page.GetCredentials() {
			if err := do(c); err != nil {
				return err
			}
		}
		if page.GetNext() == "" {
			return nil
		}
		request.After = page.GetNext()
	}
}

func printLine(out io.Writer, line credentialLine) error {
	if err := json.NewEncoder(out).Encode(line); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}
