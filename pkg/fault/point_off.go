//go:build !faultpoint

package fault

// Point does nothing in an ordinary build.
func Point(string) {}

// Error is nil in an ordinary build.
func Error(string) error { return nil }
