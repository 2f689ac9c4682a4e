package channel

// The states of a consent: what an address wants of a workspace on a channel. An address of which nothing is known may
// be written to.
const (
	OptedOutState = "opted_out"
	OptedInState  = "opted_in"
)

// The sources of a consent: who said so.
const (
	// SourceKeyword: the customer wrote STOP or START.
	SourceKeyword = "keyword"
	// SourceProvider: the provider holds messages back, or lets them through again.
	SourceProvider = "provider"
	// SourceBounce: a mail server refused the address for good.
	SourceBounce = "bounce"
	// SourceComplaint: the recipient reported a message as unwanted.
	SourceComplaint = "complaint"
	// SourceUnsubscribe: the recipient used the link or button to unsubscribe.
	SourceUnsubscribe = "unsubscribe"
	// SourcePerson: somebody of the workspace decided, with a reason.
	SourcePerson = "person"
)
