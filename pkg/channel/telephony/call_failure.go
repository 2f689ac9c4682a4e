package telephony

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// callCodes are the codes of a call that is refused or fails; those of messages are the others.
func (v Vendor) callCodes() channel.Meanings {
	ask := "Allow calls to the country in the " + v.Account + "'s " + v.Permissions + " at " + v.Title + ", then try again."
	choose := "Choose a number of the " + v.Account + " that can make calls, then try again."
	ours := "The " + v.Title + " " + v.Account
	return channel.Meanings{
		"10001": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, ours+" is not active.", "Top up or reactivate the "+v.Account+" at "+v.Title+", then try again."),
		"10004": channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many calls of the "+v.Account+" are going on at once.", "Try again when another call has ended."),
		"21201": channel.Means(channel.Permanent, channel.CodeRefused, "The call has no number to ring.", ""),
		"21203": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, v.Title+" does not make calls to the country.", ask),
		"21205": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, v.Title+" does not take the address that is to be asked about the call.", "Set the public address of the webhooks to one that "+v.Title+" can reach, then try again."),
		"21210": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The calling number is not verified at "+v.Title+".", "Verify the calling number at "+v.Title+", then try again."),
		"21211": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The number to ring is not a valid phone number.", ""),
		"21212": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The calling number is not a valid phone number.", choose),
		"21213": channel.Means(channel.Permanent, channel.CodeRefused, "The call has no calling number.", ""),
		"21214": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The number cannot be reached by phone.", ""),
		"21215": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, ours+" may not call the country of the number.", ask),
		"21216": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, ours+" may not call this number.", ask),
		"21217": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The number to ring is not a valid phone number.", ""),
		"21219": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "A trial "+v.Account+" can only call verified numbers.", "Verify the number at "+v.Title+", or upgrade the "+v.Account+", then try again."),
		"21220": channel.Means(channel.Permanent, channel.CodeRefused, "The call has ended already.", ""),
		"21606": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The calling number does not belong to the "+v.Title+" "+v.Account+".", choose),
	}
}

// callMeaning explains a code of a call.
func (v Vendor) callMeaning(code string) (channel.Meaning, bool) {
	if found, known := v.callCodes()[code]; known {
		return found, true
	}
	found, known := v.Codes()[code]
	return found, known
}

// CallRefusal is a refusal, as the provider explains any, for a call: its codes speak of numbers that ring rather than of
// texts.
func (v Vendor) CallRefusal(refused *channel.Error) *channel.Error {
	known, ok := v.callMeaning(refused.ProviderCode)
	if !ok || channel.ClassOfStatus(refused.HTTPStatus) == channel.UnknownOutcome {
		return refused
	}
	refused.Class = cmp.Or(known.Class, refused.Class)
	refused.Code, refused.Remedy = known.Code, known.Remedy
	if refused.Message == v.Codes()[refused.ProviderCode].Message { // not the provider's own
		refused.Message = known.Message
	}
	return refused
}

// callFailure describes the bad end of a call; nil for another state.
func (v Vendor) callFailure(state channel.CallState, code string) *channel.Failure {
	if code == "0" { // how the providers write that there is none
		code = ""
	}
	found, ok := map[channel.CallState]channel.Meaning{
		channel.CallBusy:     channel.Means("", channel.CodeUnreachable, "The line was busy.", "Call again later."),
		channel.CallNoAnswer: channel.Means("", channel.CodeUnreachable, "Nobody answered.", "Call again later, or use another channel."),
		channel.CallFailed:   channel.Means("", channel.CodeProviderFailed, v.Title+" could not connect the call.", "Check the number, then call again."),
		channel.CallCanceled: channel.Means("", channel.CodeUnreachable, "The call was canceled before anybody answered.", "Call again."),
	}[state]
	if !ok {
		return nil
	}
	if code != "" {
		if known, explained := v.callMeaning(code); explained {
			found = known
		} else {
			found.Message = fmt.Sprintf("%s (code %s).", strings.TrimSuffix(found.Message, "."), code)
		}
	}
	failure := channel.NewFailure(found.Code, code, found.Message)
	failure.Remedy = cmp.Or(found.Remedy, failure.Remedy)
	return failure
}
