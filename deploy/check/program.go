package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
)

// programs builds each program once, as the image does.
type programs struct{ root, folder string }

func (p *programs) build(ctx context.Context, service string) (string, error) {
	path := filepath.Join(p.folder, service)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	//nolint:gosec // the argument is a folder of this repository
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "./cmd/"+service)
	command.Dir = filepath.Join(p.root, "services", service)
	command.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building services/%s: %w: %s", service, err, bytes.TrimSpace(output))
	}
	return path, nil
}

// check gives the program an environment and reads back what it makes of it.
func (p *programs) check(ctx context.Context, service string, environment map[string]string) (map[string]string, error) {
	path, err := p.build(ctx, service)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, path, "-check") //nolint:gosec // the program was built above
	command.Env = []string{}
	for name, value := range environment {
		command.Env = append(command.Env, name+"="+value)
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("checking the configuration: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	effective := map[string]string{}
	for line := range strings.Lines(stdout.String()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		effective[name] = value
	}
	return effective, nil
}

// providerVariables lists the variables the providers name themselves.
func providerVariables() []string {
	registry, err := all.Registry()
	if err != nil {
		return nil // then every provider's variable is reported as unknown
	}
	var variables []string
	for _, name := range registry.Names() {
		provider, _ := registry.Provider(name)
		for _, field := range provider.Describe().Fields {
			variables = append(variables, field.Env)
		}
	}
	return variables
}

// checkProviders proves that the credentials given are none or whole, and that the adapters take them.
func checkProviders(environment map[string]string) error {
	registry, err := all.Registry()
	if err != nil {
		return fmt.Errorf("listing the providers: %w", err)
	}
	accounts, err := channel.PlatformAccounts(registry, func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	})
	if err != nil {
		return fmt.Errorf("reading the providers' variables: %w", err)
	}
	for _, account := range accounts {
		provider, _ := registry.Provider(account.Provider)
		if _, err := provider.Connect(account.Credential, nil); err != nil {
			return fmt.Errorf("connecting %s: %w", account.Provider, err)
		}
	}
	return nil
}
