package cluster

import "syscall"

// ofOurs is how a process is tied to ours: a Ctrl-C is for us alone, and when the thread that started it ends the
// kernel kills it.
func ofOurs() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
