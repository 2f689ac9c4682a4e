package pgserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// minMajor is the oldest version of PostgreSQL we work with.
const minMajor = 15

// ErrNotInstalled is returned when no PostgreSQL of a version we can use is on the machine.
var ErrNotInstalled = errors.New("PostgreSQL is not installed")

// Installation is a set of PostgreSQL binaries.
type Installation struct {
	// Directory holds postgres and initdb.
	Directory string
	Major     int
}

// Find looks for PostgreSQL 15 or newer: on the PATH, where Debian, Red Hat and Homebrew put it, and where pg_config
// says. The first on the PATH wins, then the newest. It returns ErrNotInstalled, with what to do about it.
func Find(ctx context.Context) (Installation, error) { return find(ctx, 0) }

// find is Find for one major version; 0 takes any that is new enough.
func find(ctx context.Context, major int) (Installation, error) {
	var found []Installation
	onPath := ""
	if path, err := exec.LookPath("postgres"); err == nil {
		onPath = binaries(path)
	}
	for _, directory := range candidates(ctx, onPath) {
		if version, ok := versionIn(ctx, directory); ok && (version == major || major == 0 && version >= minMajor) {
			found = append(found, Installation{Directory: directory, Major: version})
		}
	}
	if len(found) == 0 {
		return Installation{}, notInstalled(major)
	}
	if found[0].Directory == onPath {
		return found[0], nil
	}
	return slices.MaxFunc(found, func(a, b Installation) int { return cmp.Compare(a.Major, b.Major) }), nil
}

func notInstalled(major int) error {
	wanted := strconv.Itoa(minMajor) + " or newer"
	if major != 0 {
		wanted = strconv.Itoa(major) + ", whose data lies in the directory,"
	}
	return fmt.Errorf("%w: version %s was not found; run scripts/install-postgres, or install it with "+
		"\"apt-get install postgresql\", \"dnf install postgresql-server\" or \"brew install postgresql@17\", "+
		"or set DATABASE_URL to a server of yours", ErrNotInstalled, wanted)
}

func candidates(ctx context.Context, onPath string) []string {
	var directories []string
	if onPath != "" {
		directories = append(directories, onPath)
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/usr/libexec/postgresql*",
	} {
		matches, _ := filepath.Glob(pattern) // the patterns are well formed
		directories = append(directories, matches...)
	}
	if output, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		directories = append(directories, strings.TrimSpace(string(output)))
	}
	return directories
}

// binaries is the directory a program really lies in: beside a link there may be no initdb.
func binaries(program string) string {
	if resolved, err := filepath.EvalSymlinks(program); err == nil {
		program = resolved
	}
	return filepath.Dir(program)
}

func versionIn(ctx context.Context, directory string) (int, bool) {
	if _, err := exec.LookPath(filepath.Join(directory, "initdb")); err != nil {
		return 0, false
	}
	//nolint:gosec // the program is one of the places above
	output, err := exec.CommandContext(ctx, filepath.Join(directory, "postgres"), "--version").Output()
	if err != nil {
		return 0, false
	}
	number := regexp.MustCompile(`\d+`).FindString(string(output))
	major, err := strconv.Atoi(number)
	return major, err == nil
}
