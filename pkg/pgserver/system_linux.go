package pgserver

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// dieWithUs has the kernel ask the server for a fast shutdown when the thread that started it ends.
func dieWithUs(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGINT }

// childrenOf lists the processes a process started. The server's children are sessions of their own, so that a signal
// to its process group would not reach them.
func childrenOf(parent int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	var children []int
	for _, path := range stats {
		text, err := os.ReadFile(path) //nolint:gosec // the path is the kernel's
		if err != nil {
			continue // it has ended meanwhile
		}
		// pid (name) state ppid ...: the name may hold anything but ends at the last parenthesis.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) < 2 || string(fields[1]) != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			children = append(children, pid)
		}
	}
	return children
}

// servesFrom tells whether a process is a server that works in the data directory.
func servesFrom(pid int, data string) bool {
	there, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	here, err := os.Stat(data)
	return err == nil && os.SameFile(there, here)
}
