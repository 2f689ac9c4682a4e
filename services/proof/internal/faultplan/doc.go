// Package faultplan makes the schedule of what happens to a system from a seed: the same seed gives the same faults, on
// the same targets, at the same instants.
//
// Faults come on tracks, one for each part of the system. On a track they come one after the other, with pauses of
// varying length; the tracks run beside each other, so that parts fail together as they do in life. Every fault is over
// when the plan is.
package faultplan
