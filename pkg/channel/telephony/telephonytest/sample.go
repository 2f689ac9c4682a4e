// Package telephonytest is samples of what the providers of package telephony send and are asked, for tests.
package telephonytest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// Agent is the phone that rings first.
const Agent = "+14155550177"

// stranger is a number that has nothing to do with a sample.
const stranger = "+14055550124"

// Sample is the calls of one account.
type Sample struct {
	// Account is the provider's id of it, Number our number, Customer another's.
	Account, Number, Customer string
	// CallID and LegID are ids of calls as the provider writes them, Recordings is where it keeps recordings.
	CallID, LegID, Recordings string
	// HookURL is where the webhooks of a number come to, StatusURL those about the message m-1.
	HookURL, StatusURL string
}

// Form is a body of names and values.
func Form(pairs ...string) []byte {
	var fields []string
	for i := 0; i+1 < len(pairs); i += 2 {
		fields = append(fields, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	return []byte(strings.Join(fields, "&"))
}

// Post is a webhook.
func Post(at string, body []byte) channel.Webhook {
	return channel.Webhook{Method: http.MethodPost, URL: at, Header: http.Header{}, Body: body}
}

// Message is a call to be placed.
func (s Sample) Message() channel.Outbound {
	message := channel.Outbound{
		WorkspaceID: "w-1", MessageID: "m-1", ConversationID: "c-1", Kind: channel.Call, Attempt: 2,
		From: s.Number, To: s.Customer, StatusURL: s.StatusURL,
	}
	message.Call = &channel.OutboundCall{
		AgentPhone: Agent, Timeout: 25 * time.Second, AnswerURL: channel.CallURL(s.HookURL, message, channel.CallAnswered, nil),
	}
	return message
}

// Entry is a call of ours in the list; its numbers are numbers.
func (s Sample) Entry(id, to string, created time.Time) map[string]any {
	return map[string]any{
		"sid": id, "from": s.Number, "to": to, "direction": "outbound-api", "status": "completed", "duration": 15, "price": 0.03,
		"date_created": created.UTC().Format(time.RFC1123Z), "start_time": nil,
	}
}

// List is the answer with a page of calls, after which none follows.
func List(entries ...map[string]any) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"calls": entries, "next_page_uri": nil})
	return channeltest.Reply{Status: http.StatusOK, Body: string(body)}
}

// Calls describes the calls of a provider to the suite, but for how it accepts and refuses one.
func (s Sample) Calls() *channeltest.Calls {
	return &channeltest.Calls{
		Message: s.Message(), AcceptedID: s.CallID, Read: readCall,
		Find: &channeltest.Find{
			Known: func(message channel.Outbound, externalID string, created time.Time) channeltest.Reply {
				return List(s.Entry("other", stranger, created), s.Entry(externalID, message.Call.AgentPhone, created))
			},
			Others: func(message channel.Outbound, created time.Time) channeltest.Reply {
				leg := s.Entry("leg", message.Call.AgentPhone, created)
				leg["direction"] = "outbound-dial"
				elsewhere := s.Entry("elsewhere", message.Call.AgentPhone, created)
				elsewhere["from"] = stranger
				return List(s.Entry("other", stranger, created), leg, elsewhere)
			},
		},
		Status: func(at, id, word string) channel.Webhook {
			return Post(at, Form("CallSid", id, "AccountSid", s.Account, "From", s.Number, "To", Agent, "CallStatus", word,
				"Direction", "outbound-api", "Timestamp", "Sun, 23 Nov 2025 12:00:00 +0000", "SequenceNumber", "1"))
		},
		Words: map[string]channel.CallState{
			"queued": channel.CallRinging, "initiated": channel.CallRinging, "ringing": channel.CallRinging,
			"in-progress": channel.CallInProgress, "completed": channel.CallCompleted, "busy": channel.CallBusy,
			"no-answer": channel.CallNoAnswer, "failed": channel.CallFailed, "canceled": channel.CallCanceled,
		},
		UnknownWord: "teleported",
		Webhooks:    s.Webhooks(),
	}
}

func readCall(_ *http.Request, body []byte) channeltest.SentCall {
	values, _ := url.ParseQuery(string(body))
	return channeltest.SentCall{
		To: values.Get("To"), From: values.Get("From"), AnswerURL: values.Get("Url"), StatusURL: values.Get("StatusCallback"),
	}
}
