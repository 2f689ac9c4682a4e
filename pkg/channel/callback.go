package channel

import (
	"net/url"
	"strconv"
)

// CallbackQuery is the query of a status URL that carries our ids back.
func CallbackQuery(message Outbound) url.Values {
	return url.Values{
		"workspaceId": {message.WorkspaceID},
		"messageId":   {message.MessageID},
		"attempt":     {strconv.Itoa(message.Attempt)},
	}
}

// maxAttempt bounds the attempt a URL may claim.
const maxAttempt = 1_000_000

// ParseCallbackQuery fills the ids of a receipt from the query of the URL a webhook came to.
func ParseCallbackQuery(rawURL string, receipt *Receipt) {
	parsed, err := url.Parse(rawURL)
	if err != nil {
		return
	}
	query := parsed.Query()
	receipt.WorkspaceID, receipt.MessageID = query.Get("workspaceId"), query.Get("messageId")
	receipt.Attempt = ParseAttempt(query.Get("attempt"))
}

// ParseAttempt reads the number of an attempt that a provider carried back; anything else is 0, the unknown attempt.
func ParseAttempt(text string) int {
	attempt, err := strconv.Atoi(text)
	if err != nil || attempt < 0 || attempt > maxAttempt {
		return 0
	}
	return attempt
}
