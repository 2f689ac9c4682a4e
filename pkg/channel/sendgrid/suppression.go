package sendgrid

import (
	"cmp"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// suppression is what an event says of the address itself; false when it says nothing. Part is the event.
func (e event) suppression(word string, webhook channel.Webhook, part []byte) (channel.Suppression, bool) {
	source, optedOut := e.source(word)
	address, _ := email.Person(e.text("email"))
	if source == "" || address == "" {
		return channel.Suppression{}, false
	}
	return channel.Suppression{
		Kind: channel.Email, Address: address, WorkspaceID: e.text(argWorkspace), OptedOut: optedOut,
		Source: source, Reason: cmp.Or(e.text("reason"), inWords(word)), OccurredAt: e.occurredAt(webhook),
		DedupeKey: e.key(word) + "/suppression/" + address, Part: part,
	}, true
}

// source tells who took the address off the list, or put it back.
func (e event) source(word string) (source string, optedOut bool) {
	switch word {
	case "unsubscribe", "group_unsubscribe":
		return channel.SourceUnsubscribe, true
	case "group_resubscribe":
		return channel.SourceUnsubscribe, false
	case "dropped":
		return map[string]string{
			channel.CodeOptedOut: channel.SourceUnsubscribe, channel.CodeSuppressed: e.suppressor(),
			channel.CodeInvalidRecipient: channel.SourceBounce,
		}[dropped(e.text("reason"))], true
	case "bounce":
		if e.text("type") != "blocked" {
			return channel.SourceBounce, true
		}
	case "spamreport":
		return channel.SourceComplaint, true
	}
	return "", false
}

// suppressor tells why the provider holds everything to the address back.
func (e event) suppressor() string {
	if containsFold(e.text("reason"), "spam") {
		return channel.SourceComplaint
	}
	return channel.SourceBounce
}

// ofAnother tells an event about a copy, which is no news of the message.
func (e event) ofAnother() bool { return email.IsOther(e.text(argRecipient), e.text("email")) }

// inWords says what the provider has only a word for.
func inWords(word string) string {
	switch word {
	case "group_resubscribe":
		return "The recipient subscribed again."
	case "unsubscribe", "group_unsubscribe":
		return "The recipient unsubscribed."
	case "spamreport":
		return "The recipient reported a message as spam."
	default:
		return "The address does not take messages."
	}
}
