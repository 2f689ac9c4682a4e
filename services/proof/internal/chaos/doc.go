// Package chaos runs the whole system under a mixed load, does to its parts what a plan says, heals everything, waits
// until nothing moves and checks the guarantees from outside.
//
// A round has one cluster of its own. Its keeper starts again whatever has died, as a process supervisor does; a fault
// holds the processes it concerns. Run returns when the last cluster has ended.
package chaos
