package signalwire

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// callCodes are the codes of a call that is refused or fails; those of messages are the others.
func callCodes() channel.Meanings {
	const ask = "Allow calls to the country in the project's settings at SignalWire, then try again."
	const choose = "Choose a number of the project that can make calls, then try again."
	return channel.Meanings{
		"10001": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The SignalWire project is not active.", "Top up or reactivate the project at SignalWire, then try again."),
		"10004": channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many calls of the project are going on at once.", "Try again when another call has ended."),
		"21201": channel.Means(channel.Permanent, channel.CodeRefused, "The call has no number to ring.", ""),
		"21203": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "SignalWire does not make calls to the country.", ask),
		"21205": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "SignalWire does not take the address that is to be asked about the call.", "Set the public address of the webhooks to one that SignalWire can reach, then try again."),
		"21210": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The calling number is not verified at SignalWire.", "Verify the calling number at SignalWire, then try again."),
		"21211": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The number to ring is not a valid phone number.", ""),
		"21212": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The calling number is not a valid phone number.", choose),
		"21213": channel.Means(channel.Permanent, channel.CodeRefused, "The call has no calling number.", ""),
		"21214": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The number cannot be reached by phone.", ""),
		"21215": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The SignalWire project may not call the country of the number.", ask),
		"21216": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The SignalWire project may not call this number.", ask),
		"21217": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The number to ring is not a valid phone number.", ""),
		"21219": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "A trial project can only call verified numbers.", "Verify the number at SignalWire, or upgrade the project, then try again."),
		"21220": channel.Means(channel.Permanent, channel.CodeRefused, "The call has ended already.", ""),
		"21606": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The calling number does not belong to the SignalWire project.", choose),
	}
}

// callMeaningOf explains a code of a call.
func callMeaningOf(code string) (channel.Meaning, bool) {
	if found, known := callCodes()[code]; known {
		return found, true
	}
	return meaningOf(code)
}

// callRefusal is refusal for a call, whose codes speak of numbers that ring rather than of texts.
func (c *connection) callRefusal(answer channel.Answer) *channel.Error {
	refused := c.refusal(answer)
	known, ok := callMeaningOf(refused.ProviderCode)
	if !ok || channel.ClassOfStatus(answer.Status) == channel.UnknownOutcome {
		return refused
	}
	refused.Class = cmp.Or(known.Class, refused.Class)
	refused.Code, refused.Remedy = known.Code, known.Remedy
	if general, _ := meaningOf(refused.ProviderCode); refused.Message == general.Message { // not the provider's own
		refused.Message = known.Message
	}
	return refused
}

// callFailureOf describes the bad end of a call; nil for another state.
func callFailureOf(state channel.CallState, code string) *channel.Failure {
	if code == "0" { // how the provider writes that there is none
		code = ""
	}
	found, ok := map[channel.CallState]channel.Meaning{
		channel.CallBusy:     channel.Means("", channel.CodeUnreachable, "The line was busy.", "Call again later."),
		channel.CallNoAnswer: channel.Means("", channel.CodeUnreachable, "Nobody answered.", "Call again later, or use another channel."),
		channel.CallFailed:   channel.Means("", channel.CodeProviderFailed, "SignalWire could not connect the call.", "Check the number, then call again."),
		channel.CallCanceled: channel.Means("", channel.CodeUnreachable, "The call was canceled before anybody answered.", "Call again."),
	}[state]
	if !ok {
		return nil
	}
	if code != "" {
		if known, explained := callMeaningOf(code); explained {
			found = known
		} else {
			found.Message = fmt.Sprintf("%s (code %s).", strings.TrimSuffix(found.Message, "."), code)
		}
	}
	failure := channel.NewFailure(found.Code, code, found.Message)
	failure.Remedy = cmp.Or(found.Remedy, failure.Remedy)
	return failure
}
