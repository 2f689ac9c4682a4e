package channel

import (
	"strings"
	"unicode"
)

// Keyword is what a customer says with a message that is one word of command and nothing else.
type Keyword string

// The keywords. NoKeyword is an ordinary message.
const (
	NoKeyword Keyword = ""
	// StopKeyword: the customer wants no more messages from the sender.
	StopKeyword Keyword = "stop"
	// StartKeyword: the customer wants messages again.
	StartKeyword Keyword = "start"
	// HelpKeyword: the customer asks who writes, and how to stop it.
	HelpKeyword Keyword = "help"
)

// maxKeyword bounds the text that can be a keyword: the longest one with room for what stands around it.
const maxKeyword = 64

// longestKeyword is twice the longest word of command: of the letters that have one of those as their capital, some
// take two bytes.
const longestKeyword = 2 * len("UNSUBSCRIBE")

// ParseKeyword reads the keyword a message consists of. The whole message must be the one word: "please stop" is a
// message. Case does not matter, nor does what is neither letter nor digit before and after the word: spaces, line
// ends, quotation marks, a full stop.
func ParseKeyword(text string) Keyword {
	if len(text) > maxKeyword {
		return NoKeyword
	}
	word := strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(word) > longestKeyword {
		return NoKeyword
	}
	switch strings.ToUpper(word) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT":
		return StopKeyword
	case "START", "UNSTOP":
		return StartKeyword
	case "HELP", "INFO":
		return HelpKeyword
	default:
		return NoKeyword
	}
}
