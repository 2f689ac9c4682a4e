package twilio_test

import (
	"net/http"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
)

const callID = "CA11111111111111111111111111111111"

func sample() telephonytest.Sample {
	return telephonytest.Sample{
		Account: account, Number: number, Customer: customer, CallID: callID, LegID: "CA22222222222222222222222222222222",
		HookURL: hookURL, StatusURL: statusURL,
		Recordings: "https://api.twilio.com/2010-04-01/Accounts/" + account + "/Recordings/",
	}
}

func callCase() *channeltest.Calls {
	calls := sample().Calls()
	calls.Accepted = channeltest.Reply{
		Status: http.StatusCreated,
		Body:   `{"sid":"` + callID + `","status":"queued","duration":null,"price":null,"direction":"outbound-api"}`,
	}
	limited := refusal(429, "20429", "Too Many Requests")
	limited.Header = map[string]string{"Retry-After": "7"}
	calls.Refusals = map[channel.Class]channeltest.Reply{
		channel.Permanent:        refusal(400, "21211", "Invalid 'To' Phone Number"),
		channel.PermanentConfig:  refusal(400, "21215", "Account not authorized to call"),
		channel.Auth:             refusal(401, "20003", "Authenticate"),
		channel.AuthScopeLimited: refusal(403, "70051", "Authorization Failed"),
		channel.RateLimited:      limited,
	}
	return calls
}
