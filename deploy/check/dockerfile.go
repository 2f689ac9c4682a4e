package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// checkDockerfile proves that every base image is pinned, that what is copied from the repository is there, and that
// the compiler is of the version the modules ask for.
func checkDockerfile(root string) error {
	text, err := os.ReadFile(filepath.Join(root, "deploy", "Dockerfile")) //nolint:gosec // a file of this repository
	if err != nil {
		return fmt.Errorf("reading the Dockerfile: %w", err)
	}
	work, err := os.ReadFile(filepath.Join(root, "go.work")) //nolint:gosec // a file of this repository
	if err != nil {
		return fmt.Errorf("reading go.work: %w", err)
	}
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(work))
	if language == nil || !strings.Contains(string(text), "FROM golang:"+language[1]+".") {
		return errors.New("deploy/Dockerfile: the compiler is not of the version in go.work")
	}
	var failures []error
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		switch {
		case len(words) > 1 && words[0] == "FROM":
			_, tag, tagged := strings.Cut(words[1], ":")
			if !tagged || tag == "latest" {
				failures = append(failures, fmt.Errorf("deploy/Dockerfile: %s is not pinned", words[1]))
			}
		case len(words) > 2 && words[0] == "COPY" && !strings.HasPrefix(words[1], "--"):
			failures = append(failures, copied(root, words[1:len(words)-1]))
		}
	}
	return errors.Join(failures...)
}

func copied(root string, sources []string) error {
	for _, source := range sources {
		if _, err := os.Stat(filepath.Join(root, source)); err != nil {
			return fmt.Errorf("deploy/Dockerfile: copying %s: %w", source, err)
		}
	}
	return nil
}
