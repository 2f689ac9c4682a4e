// Package event is the one place where subjects, streams, buckets and header names are spelled.
package event

import (
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// Streams.
const (
	StreamSend       = "SEND"
	StreamInbound    = "INBOUND"
	StreamReceipt    = "RECEIPT"
	StreamChange     = "CHANGE"
	StreamQuarantine = "QUARANTINE"
	StreamDeadLetter = "DEADLETTER"
)

// Services, as they appear in durable names, dead letters and telemetry.
const (
	ServiceGateway = "gateway"
	ServiceSender  = "outbound-sender"
	ServiceWebhook = "inbound-webhook"
	ServiceStore   = "conversation-store"
)

// noWorkspace stands where a question is asked before a workspace is known.
const noWorkspace = "none"

// SendSubject is where a message a workspace wants sent is published.
func SendSubject(ws workspace.ID, kind channel.Kind) string {
	return join("send.v1", ws.String(), string(kind))
}

// SendsOf matches every message one workspace wants sent.
func SendsOf(ws workspace.ID) string { return join("send.v1", ws.String(), "*") }

// InboundSubject is where a message from a customer is published.
func InboundSubject(ws workspace.ID, kind channel.Kind) string {
	return join("inbound.v1", ws.String(), string(kind))
}

// ReceiptSubject is where the news of a sent message is published.
func ReceiptSubject(ws workspace.ID, kind channel.Kind) string {
	return join("receipt.v1", ws.String(), string(kind))
}

// ChangeSubject is where a committed fact about an entity is published; the verb is in the past tense.
func ChangeSubject(ws workspace.ID, entity, verb string) string {
	return join("change.v1", ws.String(), entity, verb)
}

// ChangesOf matches every fact of one workspace.
func ChangesOf(ws workspace.ID) string { return join("change.v1", ws.String(), ">") }

// QuarantineSubject is where a webhook nobody could be found for is kept.
func QuarantineSubject(provider string) string { return join("quarantine.v1", provider) }

// DeadLetterSubject is where a service puts what it could not process. The zero workspace is written as "none".
func DeadLetterSubject(service string, ws workspace.ID) string {
	return join("dead.v1", service, tokenOf(ws))
}

// AskSubject is where a question about a workspace is asked; the zero workspace is written as "none".
func AskSubject(ws workspace.ID, entity, verb string) string {
	return join("ask.v1", tokenOf(ws), entity, verb)
}

// AskPattern matches a question whatever the workspace: what the answering service listens on.
func AskPattern(entity, verb string) string { return join("ask.v1", "*", entity, verb) }

// LeaseSubject is where the holder of a lease listens, so that others hear whether it is still there.
func LeaseSubject(key, holder string) string { return join("holder.v1", key, holder) }

// WorkspaceOf reads the workspace out of any subject above that carries one.
func WorkspaceOf(subject string) (workspace.ID, bool) {
	tokens := strings.Split(subject, ".")
	at := 2
	if tokens[0] == "dead" {
		at = 3
	}
	if len(tokens) <= at {
		return workspace.ID{}, false
	}
	id, err := workspace.ParseID(tokens[at])
	return id, err == nil
}

func tokenOf(ws workspace.ID) string {
	if ws.IsZero() {
		return noWorkspace
	}
	return ws.String()
}

func join(tokens ...string) string { return strings.Join(tokens, ".") }
