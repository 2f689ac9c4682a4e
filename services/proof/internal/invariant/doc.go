// Package invariant checks from outside whether the guarantees held: what the APIs show, what the sandbox says that
// customers received, what the database and the streams hold. It never asks a service for its own counters.
package invariant
