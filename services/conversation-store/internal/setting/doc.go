// Package setting decides whose account a workspace's channels go by: the platform's or its own. A workspace has at most
// one credential of its own at each provider, which may serve several channels. What is set commits together with the
// channel account, the address, the buckets' entries and the audit.
//
// A message keeps the channel account it was accepted with. Whoever switches changes what comes afterwards: what waits
// leaves by the account it was meant for, and an answer in a conversation leaves from where the conversation is.
package setting
