//go:build !faultpoint

// Package fault names the instants at which a test kills a process.
package fault

// Point does nothing in an ordinary build.
func Point(string) {}
