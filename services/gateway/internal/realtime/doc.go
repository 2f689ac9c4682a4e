// Package realtime sends committed changes to browsers over WebSocket.
//
// One consumer per process reads CHANGE and hands each fact, encoded once, to the sockets of its workspace. Each socket
// has a bounded queue and one writer; a socket whose queue is full is closed with a code that makes the client come
// back. The sequence in CHANGE is the cursor: a client that comes back with it is sent what it missed out of the stream
// and then goes on live.
//
// Joining the two loses and repeats nothing because a socket is subscribed first, the last sequence of its workspace
// is read second, and the stream is replayed up to it third: what is published after the reading is in the queue, what
// is published before it is in the replay, and what is in both is dropped by its sequence.
//
// Hub.Run reads until its context ends. It then closes every socket and waits for their goroutines; so Serve returns
// before Run does. Everything is safe for concurrent use.
package realtime
