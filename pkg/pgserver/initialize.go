package pgserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// majorOf is the version that made the data; 0 when there is none.
func majorOf(data string) int {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION")) //nolint:gosec // the path is the caller's directory
	if err != nil {
		return 0
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return major
}

// initialize makes the cluster and its password once. It is made under another name first, so that a crash half-way
// leaves nothing that looks finished.
func (s *Server) initialize(ctx context.Context) error {
	if err := s.account.own(s.cfg.Directory); err != nil {
		return err
	}
	passwordFile := filepath.Join(s.cfg.Directory, "password")
	if majorOf(s.dataDirectory()) != 0 {
		password, err := os.ReadFile(passwordFile) //nolint:gosec // the path is the caller's directory
		if err != nil {
			return fmt.Errorf("reading the database password: %w", err)
		}
		s.password = string(password)
		return s.account.ownAll(s.dataDirectory())
	}
	s.password = rand.Text()
	if err := os.WriteFile(passwordFile, []byte(s.password), 0o600); err != nil {
		return fmt.Errorf("keeping the database password: %w", err)
	}
	if err := s.initdb(ctx); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(s.cfg.Directory, "data.new"), s.dataDirectory()); err != nil {
		return fmt.Errorf("putting the new database in its place: %w", err)
	}
	return nil
}

func (s *Server) initdb(ctx context.Context) error {
	handed := filepath.Join(s.cfg.Directory, "password.new")
	defer func() { _ = os.Remove(handed) }()
	if err := os.WriteFile(handed, []byte(s.password), 0o600); err != nil {
		return fmt.Errorf("handing over the database password: %w", err)
	}
	if err := s.account.own(handed); err != nil {
		return err
	}
	var failures []error
	for _, locale := range s.locales() {
		if err := os.RemoveAll(filepath.Join(s.cfg.Directory, "data.new")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a half-made database: %w", err)
		}
		err := s.runInitdb(ctx, locale)
		if err == nil {
			return nil
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// locales lists what to ask initdb for, the best first: bytes decide the order, Unicode decides what is a letter.
func (s *Server) locales() [][]string {
	if s.installation.Major >= 17 { //nolint:mnd // the version that brought the builtin provider
		return [][]string{{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"}}
	}
	return [][]string{{"--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C"}, {"--locale=C"}}
}

func (s *Server) runInitdb(ctx context.Context, locale []string) error {
	where, err := s.place()
	if err != nil {
		return err
	}
	defer where.close()
	arguments := append([]string{
		"--pgdata=" + filepath.Join(where.path, "data.new"), "--username=" + superuser, "--encoding=UTF8",
		"--auth=scram-sha-256", "--pwfile=" + filepath.Join(where.path, "password.new"),
	}, locale...)
	if s.cfg.Settings["fsync"] == "off" {
		arguments = append(arguments, "--no-sync")
	}
	//nolint:gosec // the program is the one Find found
	command := exec.CommandContext(ctx, filepath.Join(s.installation.Directory, "initdb"), arguments...)
	s.prepare(command, where)
	runtime.LockOSThread() // see prepare: the thread must live as long as the command
	defer runtime.UnlockOSThread()
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("making the database: %w: %s", err, strings.TrimSpace(string(output)))
	}
	return nil
}
