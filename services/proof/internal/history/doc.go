// Package history remembers what was done to the system and what was seen of it: every operation with its beginning, its
// end and its outcome, every frame a client was sent, every fault.
//
// A Recorder may be used from any number of goroutines. A History is what a Recorder held at one moment; it never changes.
package history
