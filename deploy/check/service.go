package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// checkService checks one service: what it is made of, what it is reached by, and what it is told.
func checkService(ctx context.Context, built *programs, project *types.Project, service types.ServiceConfig) error {
	failures := []error{checkImage(service), checkPorts(service), checkMounts(service)}
	if service.HealthCheck == nil || len(service.HealthCheck.Test) == 0 {
		failures = append(failures, errors.New("no health check"))
	}
	if service.Build != nil {
		failures = append(failures, checkProgram(ctx, built, project, service))
	}
	return errors.Join(failures...)
}

func checkImage(service types.ServiceConfig) error {
	_, tag, tagged := strings.Cut(service.Image, ":")
	if !tagged || tag == "latest" {
		return fmt.Errorf("image %q is not pinned", service.Image)
	}
	return nil
}

func checkPorts(service types.ServiceConfig) error {
	for _, port := range service.Ports {
		if port.HostIP != "127.0.0.1" {
			return fmt.Errorf("port %s is published beyond the loopback address", port.Published)
		}
	}
	return nil
}

func checkMounts(service types.ServiceConfig) error {
	for _, volume := range service.Volumes {
		if volume.Type != types.VolumeTypeBind {
			continue
		}
		if _, err := os.Stat(volume.Source); err != nil {
			return fmt.Errorf("mounting %s: %w", volume.Target, err)
		}
	}
	return nil
}

// checkProgram starts the program as the container would, but only to print its configuration.
func checkProgram(ctx context.Context, built *programs, project *types.Project, service types.ServiceConfig) error {
	name := service.Build.Args["SERVICE"]
	if name == nil {
		return errors.New("no build argument SERVICE")
	}
	environment := map[string]string{}
	for variable, value := range service.Environment {
		if value != nil {
			environment[variable] = *value
		}
	}
	effective, err := built.check(ctx, *name, environment)
	if err != nil {
		return err
	}
	return errors.Join(
		checkVariables(environment, effective),
		checkProviders(environment),
		checkAddress(project, service, effective),
		checkDependencies(project, environment),
	)
}

// masked is what a program prints in the place of a secret.
const masked = "********"

// checkVariables finds variables that nobody reads, and values that arrive as something else.
func checkVariables(environment, effective map[string]string) error {
	var failures []error
	foreign := providerVariables()
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		value, known := effective[name]
		switch {
		case slices.Contains(foreign, name) || strings.HasPrefix(name, "OTEL_"):
		case value == masked && environment[name] != "": // a secret: what arrives is not printed
		case !known:
			failures = append(failures, fmt.Errorf("%s is not a variable of the program", name))
		case !strings.Contains(environment[name], "@") && strings.Trim(value, "[]") != environment[name]:
			failures = append(failures, fmt.Errorf("%s is %q and arrives as %q", name, environment[name], value))
		}
	}
	return errors.Join(failures...)
}

// checkAddress proves that the program listens where the health check asks and where the port leads to.
func checkAddress(project *types.Project, service types.ServiceConfig, effective map[string]string) error {
	listening := ""
	for name, value := range effective {
		if strings.HasPrefix(name, "CONVERSATIONS_") && strings.HasSuffix(name, "_ADDRESS") {
			host, port, err := net.SplitHostPort(value)
			if err != nil || (host != "" && host != "0.0.0.0") {
				return fmt.Errorf("%s is %q: a container must listen on every address", name, value)
			}
			listening = port
		}
	}
	test := service.HealthCheck.Test
	probed, err := url.Parse(test[len(test)-1])
	if err != nil || probed.Port() != listening || probed.Path != "/readyz" {
		return fmt.Errorf("the health check asks %q but the program listens on port %s", test[len(test)-1], listening)
	}
	reached := service
	if host, shared := strings.CutPrefix(service.NetworkMode, "service:"); shared {
		reached = project.Services[host]
	}
	leads := func(port types.ServicePortConfig) bool { return strconv.Itoa(int(port.Target)) == listening }
	if !slices.ContainsFunc(reached.Ports, leads) {
		return fmt.Errorf("no port is published for %s", listening)
	}
	return nil
}

// checkDependencies proves that the hosts of the URLs a program is given are services of the project.
func checkDependencies(project *types.Project, environment map[string]string) error {
	for _, name := range []string{"NATS_URL", "DATABASE_URL"} {
		value, given := environment[name]
		if !given || value == "" {
			continue
		}
		parsed, err := url.Parse(value)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		service, err := project.GetService(parsed.Hostname())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		leads := func(port types.ServicePortConfig) bool { return strconv.Itoa(int(port.Target)) == parsed.Port() }
		if !slices.ContainsFunc(service.Ports, leads) {
			return fmt.Errorf("%s names port %s, which %s does not have", name, parsed.Port(), service.Name)
		}
	}
	return nil
}
