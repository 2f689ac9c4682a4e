//go:build !linux

package pgserver

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const psTimeout = 5 * time.Second

// dieWithUs does nothing: this system has no message for the death of a parent. The next Start stops the orphan.
func dieWithUs(*syscall.SysProcAttr) {}

// childrenOf lists nothing: the children notice by themselves that the server is gone.
func childrenOf(int) []int { return nil }

// servesFrom tells whether a process is a server that was started with the data directory.
func servesFrom(pid int, data string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), psTimeout)
	defer cancel()
	//nolint:gosec // the argument is a number
	command, err := exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(command), data)
}
