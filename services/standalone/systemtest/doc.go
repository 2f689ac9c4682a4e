// Package systemtest holds the tests of the whole: the four services as separate processes against a released NATS
// server, a real Postgres and the sandbox, driven from outside over HTTP as a person or a program would.
package systemtest
