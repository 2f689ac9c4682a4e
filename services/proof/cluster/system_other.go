//go:build !linux

package cluster

import "syscall"

// ofOurs is how a process is tied to ours: a Ctrl-C is for us alone.
func ofOurs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
