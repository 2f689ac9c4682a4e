// Package seal seals the secrets of workspaces' own credentials. Who takes a secret from a person seals it with a public
// key and cannot open it again; who calls the provider, or proves a webhook, opens it with the private one. It is hybrid
// encryption as Tink does it: HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM.
//
// What is sealed belongs to its Place: workspace, credential and field are the context of the encryption, so that a secret
// that is moved to another workspace, credential or field does not open. The id of the key stands before the ciphertext: a
// keyset may hold several keys, of which the newest seals and all open, until the old ones are retired.
package seal
