package meta

import (
	"maps"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// meanings explains the documented codes. The sentences that the vendor has for them change; the codes do not.
func meanings() channel.Meanings {
	all := channel.Meanings{}
	for _, some := range []channel.Meanings{
		accountCodes(), rateCodes(), recipientCodes(), contentCodes(), templateCodes(), passingCodes(),
	} {
		maps.Copy(all, some)
	}
	return all
}

// accountCodes concern the access token, the account and its numbers.
func accountCodes() channel.Meanings {
	const register = "Register the number with the Cloud API at Meta, then try again."
	return channel.Meanings{
		"0":      channel.Means(channel.Auth, channel.CodeCredentialInvalid, "Meta does not accept the access token.", ""),
		"190":    channel.Means(channel.Auth, channel.CodeCredentialInvalid, "The access token is wrong, expired or revoked.", ""),
		"3":      channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The app may not do this at Meta.", "Give the app the permissions it lacks at Meta, then try again."),
		"10":     channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The access token lacks a permission.", "Give the access token the permissions it lacks at Meta, then try again."),
		"368":    channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "Meta has blocked the account for a while because of its rules.", "Settle the block with Meta, then try again."),
		"130497": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The account may not write to customers in this country.", "Check the restrictions of the account at Meta."),
		"131005": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The access token may not use this number.", "Give the access token the permissions it lacks at Meta, then try again."),
		"131030": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "A test number can only write to the numbers on its list.", "Put the customer's number on the list at Meta, or use a number of your own."),
		"131031": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "Meta has locked the account.", "Settle the lock with Meta, then try again."),
		"131037": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The name of the sending number is not approved.", "Have the display name approved at Meta, then try again."),
		"131042": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The account has no way of payment that works.", "Correct the payment method at Meta, then try again."),
		"131045": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is not registered.", register),
		"133010": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is not registered.", register),
	}
}

// rateCodes concern how much is sent.
func rateCodes() channel.Meanings {
	return channel.Meanings{
		"4":      channel.Means(channel.RateLimited, channel.CodeRateLimited, "The app made too many calls.", ""),
		"17":     channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many calls were made for this user.", ""),
		"32":     channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many calls were made for this page.", ""),
		"613":    channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many calls were made.", ""),
		"80007":  channel.Means(channel.RateLimited, channel.CodeRateLimited, "The account made too many calls.", ""),
		"130429": channel.Means(channel.RateLimited, channel.CodeRateLimited, "The number sent more messages at once than it may.", ""),
		"131056": channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many messages went to this customer in a short time.", ""),
		"131048": channel.Means(channel.Quota, channel.CodeQuotaExceeded, "The number may send no more for now, because customers blocked or reported its messages.", "Check the quality of the number at Meta, and write to those who expect it."),
		"131064": channel.Means(channel.Quota, channel.CodeQuotaExceeded, "The account has reached its limit of messages.", "Have the limit raised at Meta, or try again later."),
	}
}

// recipientCodes concern the customer.
func recipientCodes() channel.Meanings {
	return channel.Meanings{
		"130472": channel.Means(channel.Permanent, channel.CodeFiltered, "WhatsApp did not deliver this message to the customer, who takes part in an experiment.", "Use another channel, or wait until the customer writes."),
		"131021": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The message was to go to the number it came from.", ""),
		"131026": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer cannot be reached on WhatsApp: the number has none, or an old version.", "Use another channel."),
		"131047": channel.Means(channel.WindowClosed, channel.CodeWindowClosed, "The customer last wrote more than 24 hours ago.", ""),
		"131049": channel.Means(channel.Permanent, channel.CodeFiltered, "WhatsApp chose not to deliver this marketing message.", "Wait a day at least before sending it again, or use another channel."),
		"131050": channel.Means(channel.OptedOut, channel.CodeOptedOut, "The customer has opted out of marketing messages.", ""),
		"131062": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "This message needs the customer's phone number, which is not known.", "Ask the customer for the number, or send another kind of message."),
	}
}

// contentCodes concern what a message says or carries.
func contentCodes() channel.Meanings {
	return channel.Meanings{
		"100":    channel.Means(channel.Permanent, channel.CodeRefused, "Meta does not take a value of the message.", ""),
		"131008": channel.Means(channel.Permanent, channel.CodeRefused, "The message lacks something that it needs.", ""),
		"131009": channel.Means(channel.Permanent, channel.CodeRefused, "Meta does not take a value of the message.", ""),
		"131051": channel.Means(channel.Permanent, channel.CodeRefused, "WhatsApp does not know this type of message.", ""),
		"131052": channel.Means(channel.Permanent, channel.CodeFileRefused, "WhatsApp could not fetch the file of the customer.", "Ask the customer to send the file again."),
		"131053": channel.Means(channel.Permanent, channel.CodeFileRefused, "WhatsApp does not take the attached file.", ""),
	}
}

// templateCodes concern templates.
func templateCodes() channel.Meanings {
	const choose = "Choose an approved template."
	return channel.Meanings{
		"132000": channel.Means(channel.Permanent, channel.CodeRefused, "The template needs another number of values.", "Fill every gap of the template."),
		"132001": channel.Means(channel.Permanent, channel.CodeRefused, "The template does not exist in this language, or is not approved.", choose),
		"132005": channel.Means(channel.Permanent, channel.CodeRefused, "The template with its values is too long.", "Shorten the values."),
		"132007": channel.Means(channel.Permanent, channel.CodeRefused, "The template offends against the rules of WhatsApp.", choose),
		"132012": channel.Means(channel.Permanent, channel.CodeRefused, "A value does not have the form that the template wants.", "Correct the values of the template."),
		"132015": channel.Means(channel.Permanent, channel.CodeRefused, "The template is paused because customers did not like it.", choose),
		"132016": channel.Means(channel.Permanent, channel.CodeRefused, "The template was paused too often and is switched off for good.", choose),
	}
}

// passingCodes tell that nothing happened and that it may be tried again.
func passingCodes() channel.Meanings {
	return channel.Meanings{
		"1":      channel.Means(channel.Retryable, channel.CodeProviderDown, "Something went wrong at Meta.", ""),
		"2":      channel.Means(channel.Retryable, channel.CodeProviderDown, "The service of Meta is not available for the moment.", ""),
		"131000": channel.Means(channel.Retryable, channel.CodeProviderFailed, "Something went wrong at WhatsApp.", ""),
		"131016": channel.Means(channel.Retryable, channel.CodeProviderDown, "A service of WhatsApp is overloaded.", ""),
		"131057": channel.Means(channel.Retryable, channel.CodeProviderDown, "The sending number is in maintenance at WhatsApp.", ""),
	}
}
