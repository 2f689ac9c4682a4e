// Package cluster runs the whole system as its users run it: each service a process of its own, some of them twice, an
// external NATS server and a Postgres of its own, with a sandbox for the outside world; and lets one do to any part what
// happens to parts.
//
// Start starts everything and waits until all of it is ready; Stop ends it. In between a Process can be killed, paused,
// resumed, ended and started again, and the servers behind them too. With Config.Proxied the services reach NATS and
// Postgres through relays in this process, which can be cut and slowed; checkers go around them. A copy of a service
// keeps its address for as long as the cluster lives.
//
// Each process has one goroutine that waits for its end, each relay and balancer one that accepts and some for each
// connection; Stop waits for all of them. Everything is safe for concurrent use. On Linux the processes die with ours.
package cluster
