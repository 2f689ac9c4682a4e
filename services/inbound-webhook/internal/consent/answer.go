package consent

import (
	"strings"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// maxName keeps an answer within one segment of a text.
const maxName = 40

// AnswerID is the id of the answer to a message: the same however often the message comes.
func AnswerID(messageID string) string {
	space, err := uuid.Parse(messageID)
	if err != nil {
		space = uuid.Nil // message ids are derived, so they are UUIDs
	}
	return uuid.NewSHA1(space, []byte("keyword answer")).String()
}

// Answer is what a customer hears to a keyword. name is what customers know the workspace by.
func Answer(keyword channel.Keyword, name string) string {
	if runes := []rune(strings.TrimSpace(name)); len(runes) > maxName {
		name = strings.TrimSpace(string(runes[:maxName]))
	}
	switch keyword { //nolint:exhaustive // the others are not answered
	case channel.StopKeyword:
		return name + ": you are unsubscribed and will get no more messages. Reply START to get them again."
	case channel.StartKeyword:
		return name + ": you are subscribed again. Reply HELP for help or STOP to get no more messages."
	case channel.HelpKeyword:
		return name + ": write to us here and we will answer. Reply STOP to get no more messages."
	default:
		return ""
	}
}
