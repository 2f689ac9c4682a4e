//go:build !broken

package fault

// Broken is false in an ordinary build.
func Broken(Switch) bool { return false }
