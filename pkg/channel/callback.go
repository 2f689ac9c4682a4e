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

// ParseCallbackQuery fills the ids of a receipt from the query of the URL a webhook came to.
func ParseCallbackQuery(rawURL string, receipt *Receipt) {
	parsed, err := url.Parse(rawURL)
	if err != nil {
		return
	}
	query := parsed.Query()
	receipt.WorkspaceID, receipt.MessageID = query.Get("workspaceId"), query.Get("messageId")
	receipt.Attempt, _ = strconv.Atoi(query.Get("attempt"))
}
