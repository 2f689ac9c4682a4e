//go:build broken

package fault

import "os"

// Broken tells whether the environment takes this away.
func Broken(what Switch) bool { return os.Getenv(BrokenVariable) == string(what) }
