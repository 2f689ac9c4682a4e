// Package call is the phone network behind the providers of calls: phones that ring, people who answer, speak and hang
// up, and the documents by which a call is told what to do.
//
// A call is a leg: one phone connected with the provider. A call to one of our numbers is a leg of the caller's phone;
// a call placed through the API is a leg of the phone that it rings; each number that a Dial rings is one more leg,
// whose parent is the leg that dials. Every leg goes through these states, forwards only:
//
//	queued ──▶ initiated ──▶ ringing ──▶ in-progress ──▶ completed
//	                            │  │  └─▶ no-answer   nobody answered in time
//	                            │  └────▶ busy        declined
//	                            └───────▶ canceled    hung up before anybody answered, or somebody else did
//	           └────────────────────────▶ failed      no such line
//
// The leg of a caller begins ringing and is answered by what its document does. Of the phones that one Dial rings the
// first to answer wins: within the same step the others are canceled, so that no two can win.
//
// One goroutine runs the script of each call: it asks the webhook for a document, does what it says verb after verb,
// and asks again where a verb names an action. It ends when the call is over, when the network is cleared, or when Run
// ends, which waits for all of them. Where the webhook gives no document, the caller hears that an error has occurred,
// and the call ends.
//
// People act through Answer, Decline, HangUp and Speak, the providers' clients through Place and Update. All of it is
// safe for concurrent use.
package call
