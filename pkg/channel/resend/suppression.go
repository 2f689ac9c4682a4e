package resend

import (
	"cmp"
	"slices"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// suppressions are what an event says of addresses: that the provider holds everything to them back, that the e-mail was
// reported there, and that a copy bounced. A bounce of the message itself its receipt tells: whether it was a copy that
// bounced is not sure enough to write to the recipient no more.
func (e event) suppressions(receipt channel.Receipt) []channel.Suppression {
	source, reason := e.suppressor()
	recipients := email.Addresses(e.Data.To...)
	if source == "" || len(recipients) != 1 { // of several the event does not say which
		return nil
	}
	return []channel.Suppression{{
		Kind: channel.Email, Address: recipients[0], From: receipt.From, WorkspaceID: receipt.WorkspaceID, OptedOut: true,
		Source: source, Reason: cmp.Or(reason, e.Type), OccurredAt: receipt.OccurredAt,
		DedupeKey: receipt.DedupeKey + "/suppression",
	}}
}

func (e event) suppressor() (source, reason string) {
	bounce := e.Data.Bounce
	switch {
	case e.Type == "email.suppressed":
		return channel.SourceProvider, cmp.Or(e.Data.Suppressed.Message, e.Data.Suppressed.Type)
	case e.Type == eventBounced && strings.EqualFold(bounce.SubType, subTypeSuppressed):
		return channel.SourceProvider, bounce.Message
	case e.Type == eventBounced && bounce.Type == bouncePermanent && e.ofAnother():
		return channel.SourceBounce, bounce.Message
	case e.Type == eventComplained:
		return channel.SourceComplaint, "The recipient reported a message as spam."
	default:
		return "", ""
	}
}

// ofAnother tells an event about a copy, which is no news of the message.
func (e event) ofAnother() bool {
	mark := e.Data.Tags[tagRecipient]
	return len(e.Data.To) > 0 && !slices.ContainsFunc(e.Data.To, func(to string) bool { return !email.IsOther(mark, to) })
}
