package twilio

import (
	"maps"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// meanings explains the documented codes.
func meanings() channel.Meanings {
	all := channel.Meanings{}
	for _, some := range []channel.Meanings{accountCodes(), senderCodes(), recipientCodes(), contentCodes(), deliveryCodes(), registrationCodes(), chatCodes()} {
		maps.Copy(all, some)
	}
	return all
}

// accountCodes concern the account, its credential and its limits.
func accountCodes() channel.Meanings {
	return channel.Meanings{
		"20003": channel.Means(channel.Auth, channel.CodeCredentialInvalid, "Twilio does not accept the account SID, the auth token or the API key.", ""),
		"20005": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The Twilio account is not active.", "Top up or reactivate the account at Twilio, then try again."),
		"20008": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "Test credentials of Twilio cannot send messages.", "Enter the live credentials of the account, then try again."),
		"20403": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The Twilio account is suspended or closed.", "Ask Twilio to reactivate the account, then try again."),
		"20404": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "Twilio does not know the account or the address asked for.", "Check the account SID and the base URL, then try again."),
		"20422": channel.Means(channel.Permanent, channel.CodeRefused, "Twilio does not take a value of the message.", ""),
		"20429": channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many requests were made to Twilio at once.", ""),
		"21611": channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many messages of the sending number are waiting at Twilio.", ""),
		"30001": channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many messages of the sending number were waiting at Twilio, and the queue overflowed.", ""),
		"30002": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The Twilio account was suspended while the message waited.", "Reactivate the account at Twilio, then try again."),
		"30022": channel.Means(channel.RateLimited, channel.CodeRateLimited, "The sending number's campaign has reached its rate of messages.", ""),
		"30023": channel.Means(channel.Quota, channel.CodeQuotaExceeded, "The brand of the sending number has reached its daily limit of messages.", "Try again tomorrow, or have the limit of the brand raised."),
		"30027": channel.Means(channel.Quota, channel.CodeQuotaExceeded, "The campaign of the sending number has reached its daily limit of messages.", "Try again tomorrow, or have the limit of the campaign raised."),
		"70051": channel.Means("", channel.CodeConfiguration, "The API key may not send messages of this account.", "Give the key the permission at Twilio, or use another key."),
	}
}

// senderCodes concern the number or service a message leaves from.
func senderCodes() channel.Meanings {
	const notOurs = "Choose a number of the account that can send text messages, then try again."
	return channel.Meanings{
		"21210": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is not verified at Twilio.", "Verify the sending number at Twilio, then try again."),
		"21212": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is not a valid phone number.", notOurs),
		"21601": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number does not belong to the Twilio account.", notOurs),
		"21603": channel.Means(channel.Permanent, channel.CodeRefused, "The message has no sending number.", ""),
		"21606": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number does not belong to the Twilio account or cannot send text messages.", notOurs),
		"21621": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number cannot send files.", "Send the message without the file, or choose a number that can send files."),
		"21659": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is no Twilio number, or belongs to another country than the customer's.", notOurs),
		"21660": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number belongs to another Twilio account.", notOurs),
		"21661": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number cannot send text messages.", notOurs),
		"21701": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "Twilio does not know the messaging service.", "Check the messaging service SID, then try again."),
		"21703": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The messaging service has no number to send from.", "Add the sending number to the messaging service at Twilio, then try again."),
		"21704": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The messaging service has no number to send from.", "Add the sending number to the messaging service at Twilio, then try again."),
		"21705": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The messaging service SID is not valid.", "Check the messaging service SID, then try again."),
		"21712": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is not part of the messaging service.", "Add the sending number to the messaging service at Twilio, then try again."),
	}
}

// recipientCodes concern the customer's number.
func recipientCodes() channel.Meanings {
	const mobile = "Call the customer, or ask for a mobile number."
	return channel.Meanings{
		"21211": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is not a valid phone number.", ""),
		"21214": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number cannot be reached.", ""),
		"21217": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is not a valid phone number.", ""),
		"21219": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "A trial account can only write to verified numbers.", "Verify the customer's number at Twilio, or upgrade the account, then try again."),
		"21265": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is a short code, which takes no messages.", mobile),
		"21266": channel.Means(channel.Permanent, channel.CodeRefused, "The message would go to the number it leaves from.", "Check the customer's number."),
		"21408": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The Twilio account may not send messages to the customer's country.", "Allow the country in the account's geographic permissions at Twilio, then try again."),
		"21604": channel.Means(channel.Permanent, channel.CodeRefused, "The message has no recipient.", ""),
		"21608": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "A trial account can only write to verified numbers.", "Verify the customer's number at Twilio, or upgrade the account, then try again."),
		"21610": channel.Means(channel.OptedOut, channel.CodeOptedOut, "The customer has opted out of messages from this number.", ""),
		"21612": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "Twilio has no way from the sending number to the customer's.", "Choose a sending number that reaches the customer's country, then try again."),
		"21614": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is not a mobile number.", mobile),
		"21635": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is a landline.", mobile),
	}
}

// contentCodes concern what a message says or carries, and how we asked for it to be sent.
func contentCodes() channel.Meanings {
	return channel.Meanings{
		"21602": channel.Means(channel.Permanent, channel.CodeRefused, "The message is empty.", "Write a text or attach a file."),
		"21609": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "Twilio does not take the address for news of the message.", "Set the public address of the webhooks to one that Twilio can reach, then try again."),
		"21617": channel.Means(channel.Permanent, channel.CodeRefused, "The message is longer than 1,600 characters.", "Shorten the message, or send it in parts."),
		"21619": channel.Means(channel.Permanent, channel.CodeRefused, "The message has neither text nor file.", "Write a text or attach a file."),
		"21620": channel.Means(channel.Permanent, channel.CodeRefused, "The address of an attached file is not valid.", "Attach the file again."),
		"21623": channel.Means(channel.Permanent, channel.CodeRefused, "The message has more files than Twilio takes.", "Attach at most ten files."),
		"30010": channel.Means(channel.Permanent, channel.CodeRefused, "The message costs more than the highest price set for it.", "Raise the highest price at Twilio, then try again."),
		"30011": channel.Means(channel.Permanent, channel.CodeRefused, "The customer's carrier takes no files by text message.", "Send the message without the file."),
		"30019": channel.Means(channel.Permanent, channel.CodeRefused, "An attached file is larger than the customer's carrier takes.", "Attach a smaller file."),
		"30045": channel.Means(channel.Permanent, channel.CodeRefused, "Twilio does not take the time the message is valid for.", "Correct the validity period of the messaging service at Twilio."),
	}
}

// deliveryCodes are told after a message was taken.
func deliveryCodes() channel.Meanings {
	const later = "Try again later, or use another channel."
	return channel.Meanings{
		"30003": channel.Means(channel.Retryable, channel.CodeUnreachable, "The customer's phone cannot be reached: it is switched off, or has no reception.", ""),
		"30004": channel.Means(channel.Permanent, channel.CodeFiltered, "The message was blocked on its way to the customer.", "Use another channel: the customer or the carrier blocks messages from this number."),
		"30005": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is unknown or no longer in service.", ""),
		"30006": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is a landline, or its carrier takes no text messages.", "Call the customer, or ask for a mobile number."),
		"30007": channel.Means(channel.Permanent, channel.CodeFiltered, "Twilio or the carrier took the message for unwanted and held it back.", ""),
		"30008": channel.Means("", channel.CodeProviderFailed, "The message was not delivered, and the carrier does not say why.", ""),
		"30009": channel.Means("", channel.CodeProviderFailed, "A part of the message was lost on its way.", ""),
		"30017": channel.Means("", channel.CodeUnreachable, "The customer's carrier is overloaded.", later),
		"30036": channel.Means("", channel.CodeExpired, "The message waited longer than it was valid.", ""),
		"30038": channel.Means("", channel.CodeFiltered, "Twilio held the message back because it contains a one-time code.", ""),
		"30410": channel.Means("", channel.CodeProviderFailed, "The customer's carrier did not answer in time.", later),
	}
}

// registrationCodes are told where a country or a carrier wants senders to be registered.
func registrationCodes() channel.Meanings {
	const register = "Complete the registration of the sending number at Twilio, then try again."
	return channel.Meanings{
		"30018": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The customer's carrier wants the sender to be registered.", register),
		"30024": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is not set up at the customer's carrier.", register),
		"30032": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The toll-free sending number is not verified.", "Complete the verification of the toll-free number at Twilio, then try again."),
		"30033": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The campaign of the sending number is suspended.", "Settle the campaign's suspension with Twilio, then try again."),
		"30034": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is not registered for messages to the United States (A2P 10DLC).", register),
	}
}

// chatCodes are told of the chat channels that Twilio carries, above all WhatsApp.
func chatCodes() channel.Meanings {
	const sender = "Check the sender at Twilio, then try again."
	return channel.Meanings{
		"63001": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The channel does not accept the login of the sender.", sender),
		"63003": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer cannot be reached on this channel.", ""),
		"63005": channel.Means(channel.Permanent, channel.CodeRefused, "The channel refuses the content of the message.", ""),
		"63007": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sender is not set up for this channel at Twilio.", sender),
		"63012": channel.Means("", channel.CodeProviderFailed, "The channel failed to carry the message.", ""),
		"63013": channel.Means(channel.Permanent, channel.CodeFiltered, "The message offends against the rules of the channel.", ""),
		"63016": channel.Means(channel.WindowClosed, channel.CodeWindowClosed, "The customer last wrote too long ago for a free text.", ""),
		"63018": channel.Means(channel.RateLimited, channel.CodeRateLimited, "The channel asks to send more slowly.", ""),
		"63019": channel.Means(channel.Permanent, channel.CodeRefused, "Twilio could not fetch an attached file.", "Attach the file again."),
		"63020": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The invitation of the channel to Twilio is not accepted yet.", "Accept the invitation in the business manager, then try again."),
		"63024": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's address is not valid on this channel.", ""),
		"63027": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The template does not exist in this language.", "Choose an approved template."),
		"63032": channel.Means(channel.Permanent, channel.CodeRefused, "The channel does not carry this message to the customer, who takes part in an experiment.", "Use another channel."),
		"63049": channel.Means(channel.Permanent, channel.CodeFiltered, "The channel chose not to deliver this marketing message.", "Try later, or use another channel."),
	}
}
