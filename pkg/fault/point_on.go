//go:build faultpoint

// Package fault names the instants at which a test kills a process. This is the build with live points.
package fault

import (
	"os"
	"syscall"
)

// Variable names the environment variable that holds the point to die at.
const Variable = "CONVERSATIONS_FAULT_POINT"

// Point kills the process with SIGKILL, as kill -9 does, when the environment names it.
func Point(name string) {
	if os.Getenv(Variable) != name {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}
