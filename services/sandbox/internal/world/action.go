package world

// Action is what becomes of a message after it arrived.
type Action string

// The actions.
const (
	// Open: the owner of the mailbox reads the mail and its pictures are loaded.
	Open Action = "open"
	// Click: the owner follows a link.
	Click Action = "click"
	// Complain: the owner reports the mail as unwanted.
	Complain Action = "complain"
	// Unsubscribe: the owner wants no more of it.
	Unsubscribe Action = "unsubscribe"
	// Bounce: the mail server that took the mail sends it back after all.
	Bounce Action = "bounce"
)

// Actions lists every action.
func Actions() []Action { return []Action{Open, Click, Complain, Unsubscribe, Bounce} }
