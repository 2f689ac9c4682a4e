//go:build faultpoint

package fault

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Point does what the environment or the folder of armed points says about the named instant.
func Point(name string) {
	if os.Getenv(Variable) == name {
		die()
	}
	directory := os.Getenv(DirectoryVariable)
	if directory == "" {
		return
	}
	path := filepath.Join(directory, name)
	text, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(text)) == "error" {
		return // nothing is armed, or for another kind of point
	}
	if os.Rename(path, path+".taken-"+strconv.Itoa(os.Getpid())) != nil {
		return // another process was faster
	}
	action, rest, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	switch action {
	case "kill":
		die()
	case "pause":
		if wait, err := time.ParseDuration(rest); err == nil {
			<-time.After(wait)
		}
	default:
	}
}

// Error is the failure that is armed for what is about to be tried: a full disk.
func Error(name string) error {
	Point(name)
	directory := os.Getenv(DirectoryVariable)
	if directory == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(directory, name)); err != nil {
		return nil //nolint:nilerr // nothing is armed
	}
	return fmt.Errorf("fault at %s: %w", name, syscall.ENOSPC)
}

// die ends the process as kill -9 does.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}
