package twilio

import (
	"cmp"
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// parseInbound reads a customer's message. When it was written is not told; see WrittenAt.
func parseInbound(fields map[string]string, id string) (channel.Delivery, error) {
	kind := telephony.KindOf(fields["From"], fields["To"])
	from, to := telephony.Plain(kind, fields["From"]), telephony.Plain(kind, fields["To"])
	if from == "" || to == "" {
		return channel.Delivery{}, fmt.Errorf("parsing message %s: sender or recipient is missing: %w", id, channel.ErrUnparsable)
	}
	inbound := channel.Inbound{
		Kind: kind, ExternalID: id, Account: fields["AccountSid"], From: from,
		FromName: fields["ProfileName"], To: []string{to},
		Body: bodyOf(fields), OptOut: fields["OptOutType"],
		ReplyToExternalID: fields["OriginalRepliedMessageSid"], Media: telephony.MediaOf(fields),
	}
	if number := telephony.Plain(kind, "+"+fields["WaId"]); fields["WaId"] != "" && number != inbound.From {
		inbound.Aliases = []string{number}
	}
	return channel.Delivery{Inbound: []channel.Inbound{inbound}}, nil
}

// bodyOf is what the customer says. A pressed button, a chosen entry of a list and a place are said in words.
func bodyOf(fields map[string]string) string {
	place := channel.Location{
		Name: fields["Label"], Address: fields["Address"], Latitude: fields["Latitude"], Longitude: fields["Longitude"],
	}
	return cmp.Or(fields["Body"], fields["ButtonText"], fields["ListTitle"], place.Text())
}
