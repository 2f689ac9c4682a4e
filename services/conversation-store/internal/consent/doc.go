// Package consent keeps what addresses want of a workspace: who opted out, by whom it was said, and when. Customers,
// providers and people all say so, in any order; the newest word counts. Every change is projected into the bucket that
// the sender looks into last.
package consent
