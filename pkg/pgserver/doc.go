// Package pgserver runs a PostgreSQL server of our own, from the binaries on the machine, in a directory it is given.
//
// One process owns a directory at a time (a lock file says so). Start makes the cluster when there is none and
// returns when the server takes connections; one goroutine, tied to its thread, starts the server and waits for it.
// On Linux the kernel tells the server to stop when our process dies, however it dies; elsewhere, and in the moment
// before that signal has done its work, the next Start finds the server that was left behind and stops it first.
// A crash is repaired by the server itself when it starts.
//
// The server listens on the loopback address only, and asks for a password that lies beside the data. It cannot run as
// root, so under root it runs as the system's postgres or nobody, who then own the directory.
package pgserver
