package channel

// Status is the state of a message, the same words on every channel.
type Status string

// The states. Received is for inbound messages alone.
const (
	Scheduled   Status = "scheduled"
	Queued      Status = "queued"
	Sending     Status = "sending"
	Unknown     Status = "unknown"
	Sent        Status = "sent"
	Undelivered Status = "undelivered"
	Failed      Status = "failed"
	Delivered   Status = "delivered"
	Opened      Status = "opened"
	Read        Status = "read"
	Clicked     Status = "clicked"
	Bounced     Status = "bounced"
	Complained  Status = "complained"
	Blocked     Status = "blocked"
	Canceled    Status = "canceled"
	Expired     Status = "expired"
	Received    Status = "received"
)

// Rank orders the states: a receipt moves a message only to a state of a higher rank, whatever order receipts
// arrive in. Undelivered and failed share a rank: the first to arrive stays, and a later delivered corrects both.
// Blocked, canceled and expired stand outside the order: nothing was handed to a provider, so no receipt can follow
// but a proof that something was delivered after all. The bool is false for a word that is no state.
func (s Status) Rank() (int, bool) {
	rank, ok := map[Status]int{
		Scheduled: 5, Queued: 10, Sending: 20, Unknown: 25, Sent: 30,
		Blocked: 36, Canceled: 36, Expired: 36,
		Undelivered: 38, Failed: 38, Delivered: 40, Opened: 50, Read: 52, Clicked: 55, Bounced: 60, Complained: 70,
		Received: 100,
	}[s]
	return rank, ok
}

// Advance is the state after the news of next: next when its rank is higher, else s. A word that is no state changes
// nothing.
func (s Status) Advance(next Status) Status {
	from, _ := s.Rank()
	to, known := next.Rank()
	if known && to > from {
		return next
	}
	return s
}
