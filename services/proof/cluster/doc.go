// Package cluster runs the whole system as its users run it: each service a process of its own, some of them twice, an
// external NATS server and a Postgres of its own, with a sandbox for the outside world; and lets one do to any part what
// happens to parts.
package cluster
