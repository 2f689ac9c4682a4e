package inbox

import (
	"fmt"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// way says what went from where to where.
func (r journeyRow) way() string {
	word := map[channel.Kind]string{
		channel.Email: "E-mail", channel.SMS: "Text message", channel.WhatsApp: "WhatsApp message", channel.Call: "Call",
		channel.LiveChat: "Chat message",
	}[channel.Kind(r.Channel)]
	if word == "" {
		word = "Message"
	}
	return word + " from " + r.From + " to " + r.To + "."
}

// detail says in a sentence or two, for a person, what happened, why it went wrong and what can be done.
func (r journeyRow) detail() string {
	if r.isFirstAccept() {
		return r.way()
	}
	var sentences []string
	if r.Attempt > 1 {
		sentences = append(sentences, fmt.Sprintf("Attempt %d.", r.Attempt))
	}
	if !r.IsAccept {
		sentences = append(sentences, r.happened())
	}
	if r.Step == stepReconciled && r.Resolution != nil {
		sentences = append(sentences, r.resolver()+" had the provider asked again.")
	} else if r.Step == stepReconciled {
		sentences = append(sentences, "We asked again to find out.")
	}
	if r.Failure != nil && r.Failure.ProviderCode != "" {
		sentences = append(sentences, "Code "+r.Failure.ProviderCode+".")
	}
	if r.Failure != nil && r.Failure.Remedy != "" {
		sentences = append(sentences, sentence(r.Failure.Remedy))
	}
	return strings.Join(sentences, " ")
}

// happened is the one sentence of a state; a failure brings its own.
func (r journeyRow) happened() string {
	who := "The provider"
	if r.Provider != "" {
		who = strings.ToUpper(r.Provider[:1]) + r.Provider[1:]
	}
	if r.Failure != nil && r.Failure.Message != "" {
		return sentence(r.Failure.Message)
	}
	if called := r.called(); called != "" {
		return called
	}
	if resolved := r.resolved(); resolved != "" {
		return resolved
	}
	if r.Step == stepClaimed {
		return "It is being handed to " + who + "."
	}
	told, ok := map[channel.Status]string{
		channel.Scheduled:   "It waits for its time.",
		channel.Queued:      who + " has taken it and will send it.",
		channel.Sending:     who + " is sending it.",
		channel.Unknown:     who + " did not answer: whether it was sent is not known.",
		channel.Sent:        who + " has sent it.",
		channel.Undelivered: who + " could not deliver it.",
		channel.Failed:      who + " could not send it.",
		channel.Delivered:   who + " reports that it arrived.",
		channel.Opened:      "It was opened.",
		channel.Read:        "It was read.",
		channel.Clicked:     "A link in it was opened.",
		channel.Bounced:     "The address did not take it.",
		channel.Complained:  "It was reported as spam.",
		channel.Blocked:     "It was not sent.",
		channel.Canceled:    "It was canceled.",
		channel.Expired:     "It was not sent in time.",
	}[channel.Status(r.Status)]
	if !ok {
		return who + " reports: " + strings.TrimSpace(r.Status+" "+r.ProviderStatus) + "."
	}
	return told
}

func sentence(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}
