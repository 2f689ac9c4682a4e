// Package hook turns a provider's request into events and an answer.
//
// A request goes through the same steps whatever provider it is from: the endpoint is found, the signature proved
// against the public URL, the body parsed, the workspace found by the mirrored routes, what the webhook leaves out
// fetched, the files brought into the blob store, the events published. The answer is given after every
// acknowledgement. What cannot be proved, read or assigned goes whole into QUARANTINE, and is answered after that.
//
// Everything may run twice: an event's id is made of provider, account and the provider's own id, so a repeated
// webhook is the same event. A provider that hangs up does not stop its webhook: some never send it again.
//
// A Handler and a Router are safe for concurrent use; nothing here starts a goroutine that outlives its request.
package hook
