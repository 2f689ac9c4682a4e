package signalwire

import (
	"maps"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// meanings explains the documented codes.
func meanings() channel.Meanings {
	all := channel.Meanings{}
	for _, some := range []channel.Meanings{accountCodes(), addressCodes(), contentCodes(), deliveryCodes()} {
		maps.Copy(all, some)
	}
	return all
}

// accountCodes concern the project, its credential and its limits.
func accountCodes() channel.Meanings {
	return channel.Meanings{
		"20003": channel.Means(channel.Auth, channel.CodeCredentialInvalid, "SignalWire does not accept the project ID or the API token.", ""),
		"20404": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "SignalWire does not know the project or the address asked for.", "Check the project ID and the space URL, then try again."),
		"20429": channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many requests were made to SignalWire at once.", ""),
		"21219": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "A trial project can only write to verified numbers.", "Verify the customer's number at SignalWire, or upgrade the project, then try again."),
		"21611": channel.Means(channel.RateLimited, channel.CodeRateLimited, "Too many messages of the sending number are waiting at SignalWire.", ""),
		"30002": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The SignalWire project is suspended or its balance is used up.", "Top up the balance at SignalWire, then try again."),
		"30022": channel.Means(channel.RateLimited, channel.CodeRateLimited, "The sending number's campaign has reached its limit of messages for the moment.", ""),
		"30027": channel.Means(channel.Quota, channel.CodeQuotaExceeded, "The campaign of the sending number has reached its daily limit of messages.", "Try again tomorrow, or have the limit of the campaign raised."),
	}
}

// addressCodes concern the two numbers of a message.
func addressCodes() channel.Meanings {
	return channel.Meanings{
		"21210": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is not verified at SignalWire.", "Verify the sending number at SignalWire, then try again."),
		"21211": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is not a valid phone number.", ""),
		"21217": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is not a valid phone number.", ""),
		"21603": channel.Means(channel.Permanent, channel.CodeRefused, "The message has no sending number.", ""),
		"21604": channel.Means(channel.Permanent, channel.CodeRefused, "The message has no recipient.", ""),
		"21606": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number does not belong to the SignalWire project or cannot send text messages.", "Choose a number of the project that can send text messages, then try again."),
		"21610": channel.Means(channel.OptedOut, channel.CodeOptedOut, "The customer has opted out of messages from this number.", ""),
		"21614": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is not a mobile number.", "Call the customer, or ask for a mobile number."),
		"21717": channel.Means(channel.PermanentConfig, channel.CodeConfiguration, "The sending number is not registered for text messages.", "Complete the registration of the number at SignalWire, then try again."),
	}
}

// contentCodes concern what a message says or carries.
func contentCodes() channel.Meanings {
	return channel.Meanings{
		"21602": channel.Means(channel.Permanent, channel.CodeRefused, "The message is empty.", "Write a text or attach a file."),
		"21612": channel.Means(channel.Permanent, channel.CodeRefused, "The attached file cannot be sent to this number.", "Send the message without the file."),
		"21617": channel.Means(channel.Permanent, channel.CodeRefused, "The message is longer than 1,600 characters.", "Shorten the message, or send it in parts."),
		"21620": channel.Means(channel.Permanent, channel.CodeRefused, "The address of an attached file is not valid.", "Attach the file again."),
		"21623": channel.Means(channel.Permanent, channel.CodeRefused, "The message has more files than SignalWire takes.", "Attach at most eight files."),
		"63016": channel.Means(channel.WindowClosed, channel.CodeWindowClosed, "The customer last wrote too long ago for a free text.", ""),
		"63019": channel.Means(channel.Permanent, channel.CodeRefused, "SignalWire could not fetch an attached file.", "Attach the file again."),
	}
}

// deliveryCodes are told after a message was taken.
func deliveryCodes() channel.Meanings {
	return channel.Meanings{
		"30001": channel.Means("", channel.CodeExpired, "The message waited longer than it was valid.", ""),
		"30003": channel.Means(channel.Retryable, channel.CodeUnreachable, "The customer's phone cannot be reached: it is switched off, or has no reception.", ""),
		"30004": channel.Means(channel.Permanent, channel.CodeFiltered, "The message was blocked on its way to the customer.", "Use another channel: the customer or the carrier blocks messages from this number."),
		"30005": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is unknown or no longer in service.", ""),
		"30006": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The customer's number is a landline, or its carrier takes no text messages.", "Call the customer, or ask for a mobile number."),
		"30007": channel.Means(channel.Permanent, channel.CodeFiltered, "The carrier took the message for unwanted and held it back.", ""),
		"30008": channel.Means("", channel.CodeProviderFailed, "The message was not delivered, and the carrier does not say why.", ""),
		"30010": channel.Means(channel.Permanent, channel.CodeRefused, "The message costs more than the highest price set for it.", "Raise the highest price at SignalWire, then try again."),
	}
}

// explain lets a documented code say more about a refused call than its HTTP status does.
func explain(refused *channel.Error) { meanings().Explain(refused) }
