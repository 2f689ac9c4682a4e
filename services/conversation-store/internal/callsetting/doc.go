// Package callsetting keeps what a workspace does with calls: whose phones ring, what is said, whether calls are
// recorded. Every change is projected into the bucket from which calls are answered without the database.
package callsetting
