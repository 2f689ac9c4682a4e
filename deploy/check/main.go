// Command check proves as much of the deployment as can be proved without a container engine: that the compose files
// load, that every service, port, path and variable they name is one the programs know, that each program takes the
// environment it would be given, and that the NATS configuration suits the bus.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

func main() {
	if err := run(context.Background(), "../.."); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// plan is one way to start the system.
type plan struct {
	name     string
	files    []string
	profiles []string
	services int
}

func run(ctx context.Context, root string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("locating the repository: %w", err)
	}
	binaries, err := os.MkdirTemp("", "conversations-check-")
	if err != nil {
		return fmt.Errorf("making a folder for the programs: %w", err)
	}
	defer func() { _ = os.RemoveAll(binaries) }()
	failures := []error{checkNATS(ctx, root), checkDockerfile(root)}
	built := &programs{root: root, folder: binaries}
	for _, p := range []plan{
		{name: "docker-compose.yml", files: []string{"docker-compose.yml"}, services: 6},
		{
			name:  "docker-compose.yml with deploy/compose.sandbox.yml",
			files: []string{"docker-compose.yml", "deploy/compose.sandbox.yml"}, profiles: []string{"sandbox"}, services: 7,
		},
	} {
		project, err := load(ctx, root, p)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", p.name, err))
			continue
		}
		if len(project.Services) != p.services {
			failures = append(failures, fmt.Errorf("%s: %d services, want %d", p.name, len(project.Services), p.services))
		}
		for name, service := range project.Services {
			if err := checkService(ctx, built, project, service); err != nil {
				failures = append(failures, fmt.Errorf("%s: service %s: %w", p.name, name, err))
			}
		}
	}
	return errors.Join(failures...)
}

// load reads the files as the container engine does, with nothing set in the environment.
func load(ctx context.Context, root string, p plan) (*types.Project, error) {
	var paths []string
	for _, file := range p.files {
		paths = append(paths, filepath.Join(root, file))
	}
	options, err := cli.NewProjectOptions(paths,
		cli.WithWorkingDirectory(root), cli.WithProfiles(p.profiles), cli.WithDiscardEnvFile)
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	project, err := options.LoadProject(ctx)
	if err != nil {
		return nil, fmt.Errorf("loading: %w", err)
	}
	return project, nil
}
