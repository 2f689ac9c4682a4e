// Package bus is how the services speak: JetStream for what happened, request and reply for questions, key-value
// buckets for what a service must know to work alone. Every rule of delivery is here, once.
//
// A publish returns after the server has acknowledged it, or fails; what is in flight is bounded. A consumer
// acknowledges after its handler returned nil, waits longer after each failure, puts what it cannot process into
// DEADLETTER with the reason, comes back when the server lost it, and finishes what it holds before it stops.
package bus
