package telephony

import "github.com/galaxyco-ai/conversations/pkg/channel"

// Numbers is the list of the numbers of an account.
type Numbers struct {
	Numbers []struct {
		Number       string `json:"phone_number"`
		Capabilities struct {
			SMS bool `json:"sms"`
		} `json:"capabilities"`
	} `json:"incoming_phone_numbers"`
}

// CheckNumber is what the list says of our number.
func (v Vendor) CheckNumber(listed Numbers, ours string) channel.CheckResult {
	verified := false
	for _, number := range listed.Numbers {
		if Phone(number.Number) != ours {
			continue
		}
		verified = true
		if !number.Capabilities.SMS {
			return channel.CheckResult{
				KeyValid: true, SenderVerified: &verified, Detail: "The number cannot send or receive text messages.",
			}
		}
	}
	if !verified {
		return channel.CheckResult{
			KeyValid: true, SenderVerified: &verified, Detail: "The key works, but the number is not in this " + v.Account + ".",
		}
	}
	return channel.CheckResult{
		KeyValid: true, CanSend: true, CanReceive: true, SenderVerified: &verified,
		Detail: "The key works and the number can send and receive text messages.",
	}
}
