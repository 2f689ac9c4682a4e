// Package project turns the streams SEND, INBOUND and RECEIPT into rows, exactly once by effect.
//
// Each stream has its durable consumer with two workers that share the lanes. A batch becomes rows in one transaction that holds
// its workspaces' lanes: messages that are not there yet, their people and conversations, what became of them, and the
// CHANGE facts of what really changed. It is acknowledged after the commit.
//
// The keys that make a second run harmless: the message id, the dedupe key of an event, the Message-ID of a reference.
// The three streams know nothing of one another: a receipt may come before its message.
package project
