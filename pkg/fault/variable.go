// Package fault names the instants at which a test kills a process, lets it stand still or has something fail, and the
// guarantees that a test takes away to see whether that is noticed. An ordinary build has none of it: the tags
// faultpoint and broken bring it to life.
package fault

// Variable names the environment variable that holds the point to die at, in a build with live points.
const Variable = "CONVERSATIONS_FAULT_POINT"

// DirectoryVariable names the environment variable that holds a folder in which points are armed while the process
// runs: a file that bears the name of a point and says what happens there.
//
//   - "kill" kills the process as kill -9 does, and "pause" with a duration lets it stand still at the point for so
//     long. The first process that comes by takes the file.
//   - "error" has what is tried there fail for every process, until the file is taken away.
const DirectoryVariable = "CONVERSATIONS_FAULT_DIRECTORY"

// BrokenVariable names the environment variable that holds the guarantee to take away, in a build with that tag.
const BrokenVariable = "CONVERSATIONS_BROKEN"

// Switch names something that keeps a guarantee and can be taken away.
type Switch string

// What can be taken away.
const (
	// AckBeforeCommit has conversation-store acknowledge events before their rows are committed.
	AckBeforeCommit Switch = "ack-before-commit"
	// ClaimRemoved has outbound-sender call the provider without a claim in the ledger.
	ClaimRemoved Switch = "claim-removed"
	// DedupeRemoved has conversation-store take each delivery of a customer's message for a new message.
	DedupeRemoved Switch = "dedupe-removed"
	// FilterRemoved has the gateway hand changes to the sockets of every workspace.
	FilterRemoved Switch = "filter-removed"
)

// Switches lists what can be taken away.
func Switches() []Switch {
	return []Switch{AckBeforeCommit, ClaimRemoved, DedupeRemoved, FilterRemoved}
}
