// Package traffic drives a mixed load through the public APIs, as people in browsers, programs with keys and customers
// with phones would, and records what it did and what it saw.
//
// Prepare comes first, then Run, then Quiet. Run begins operations at the stated rate whether or not earlier ones have
// ended, and returns when ctx has ended and every goroutine it started has; nothing that the system answers ends it.
package traffic
