package signalwire_test

import (
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
)

const (
	agent  = telephonytest.Agent
	callID = "11111111-aaaa-4000-8000-000000000001"
	legID  = "22222222-aaaa-4000-8000-000000000002"
)

func sample() telephonytest.Sample {
	return telephonytest.Sample{
		Account: project, Number: number, Customer: customer, CallID: callID, LegID: legID, HookURL: hookURL, StatusURL: statusURL,
		Recordings: "https://example.signalwire.com/api/laml/2010-04-01/Accounts/" + project + "/Recordings/",
	}
}

func callCase() *channeltest.Calls {
	calls := sample().Calls()
	calls.Accepted = channeltest.Reply{
		Status: http.StatusOK,
		Body:   `{"sid":"` + callID + `","status":"queued","duration":0,"price":0.0,"direction":"outbound-api"}`,
	}
	limited := refusal(429, "20429", "Too many requests")
	limited.Header = map[string]string{"Retry-After": "7"}
	calls.Refusals = map[channel.Class]channeltest.Reply{
		channel.Permanent:       refusal(422, "21211", "To is not a valid phone number"),
		channel.PermanentConfig: {Status: 422, Body: `{"errors":[{"code":"21210","message":"The From number is not verified"}]}`},
		channel.Auth:            {Status: 401, Body: `{"error":"Unauthorized"}`},
		channel.RateLimited:     limited,
	}
	calls.Webhooks = append(calls.Webhooks, channeltest.CallWebhook{
		Name: "leg as JSON", Want: sample().Leg("in-progress", channel.CallInProgress, 61*time.Second),
		Webhook: post(sample().Ours(channel.CallStatus), []byte(`{"CallSid":"`+legID+`","ParentCallSid":"`+callID+`",
			"AccountSid":"`+project+`","From":"`+customer+`","To":"`+agent+`","Direction":"outbound-dial","CallStatus":"in-progress",
			"CallDuration":61,"SequenceNumber":2,"Timestamp":"Sun, 23 Nov 2025 12:00:00 +0000"}`)),
	})
	return calls
}
