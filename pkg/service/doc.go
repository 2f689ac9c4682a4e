// Package service is what every process of the system shares: configuration from the environment, logs, traces,
// metrics, signals, health, and an HTTP server that stops in order.
//
// A service has a Config that embeds Base and a Run(ctx, Config) error that wires and returns. Main turns the two into
// a process; another process may call Run with a Base whose injected fields are set.
package service
