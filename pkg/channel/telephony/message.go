package telephony

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// FindWindow is how long after since a message can still have been created there: since lies a little before the attempt,
// a call ends after half a minute, and the clocks differ. The same words sent later are another message.
const FindWindow = 3 * time.Minute

// Message is the part of the message resource that is read. What counts comes as a number or as a text.
type Message struct {
	SID            string         `json:"sid"`
	Status         string         `json:"status"`
	ErrorCode      channel.Scalar `json:"error_code"`
	ErrorMessage   string         `json:"error_message"`
	Body           string         `json:"body"`
	From           string         `json:"from"`
	To             string         `json:"to"`
	Direction      string         `json:"direction"`
	DateCreated    string         `json:"date_created"`
	DateSent       string         `json:"date_sent"`
	DateUpdated    string         `json:"date_updated"`
	StatusCallback string         `json:"status_callback"`
	Segments       channel.Scalar `json:"num_segments"`
	Media          channel.Scalar `json:"num_media"`
}

// IsInbound tells a customer's message.
func (m Message) IsInbound() bool { return strings.HasPrefix(m.Direction, "inbound") }

// ReadSent reads the answer to a message that was taken; one that failed at once is refused. sentence bounds what the
// provider says and keeps our credential out of it.
func (v Vendor) ReadSent(kind channel.Kind, answer channel.Answer, sentence func(string) string) (channel.Accepted, error) {
	var taken Message
	if err := json.Unmarshal(answer.Body, &taken); err != nil || taken.SID == "" {
		return channel.Accepted{}, unreadable(answer)
	}
	status := v.Status(taken.Status)
	if status == channel.Failed || status == channel.Undelivered {
		refused := &channel.Error{
			Class: channel.Permanent, ProviderCode: string(taken.ErrorCode),
			Message: sentence(taken.ErrorMessage), HTTPStatus: answer.Status,
		}
		v.Codes().Explain(refused)
		return channel.Accepted{}, refused
	}
	return channel.Accepted{
		ExternalID: taken.SID, Status: cmp.Or(status, channel.Queued), ProviderStatus: taken.Status,
		Segments: Segments(kind, string(taken.Segments)),
	}, nil
}

// Receipt is the news of a message by the provider's word for its state, from a webhook or a list. The provider's own
// sentence, which is rarely there, goes before ours.
func (v Vendor) Receipt(kind channel.Kind, id, word, code, text string) channel.Receipt {
	known := v.Status(word)
	return channel.Receipt{
		Kind: kind, ExternalID: id, Status: known, ProviderStatus: word, Failure: v.failure(known, code, text), DedupeKey: id + "/" + word,
	}
}

// failure describes the bad end of a message; nil for another state.
func (v Vendor) failure(status channel.Status, code, text string) *channel.Failure {
	if status != channel.Failed && status != channel.Undelivered {
		return nil
	}
	return v.Codes().Failure(code, text, v.Title+" reports that the message was not delivered")
}

// CreatedAt is when the provider took the message; zero when it does not say so.
func (v Vendor) CreatedAt(m Message) time.Time { return v.Time(cmp.Or(m.DateCreated, m.DateSent)) }

// Matches tells whether an entry of the list can be the message: the same words and as many files, between the same two
// addresses, in the time of the attempt. from is our address that the message left from.
func (v Vendor) Matches(entry Message, outbound channel.Outbound, from string, since time.Time) bool {
	kind := outbound.Kind
	if entry.From != "" && Plain(kind, entry.From) != Plain(kind, from) {
		return false // of another number of the account, which may be another workspace's
	}
	if entry.Media != "" && string(entry.Media) != strconv.Itoa(len(outbound.Files)) {
		return false
	}
	at := v.CreatedAt(entry)
	return entry.SID != "" && entry.Body == outbound.Body && !entry.IsInbound() && Plain(kind, entry.To) == Plain(kind, outbound.To) &&
		!at.Before(since.Add(-ClockSkew).Truncate(time.Second)) && at.Before(since.Add(FindWindow))
}

// Likeness is the part of Matches that does not depend on the time. Our own address is left out, which the message may
// leave to the account.
func (v Vendor) Likeness(outbound channel.Outbound) string {
	if outbound.Kind == channel.Call {
		if outbound.Call == nil {
			return ""
		}
		return string(channel.Call) + "\n" + Phone(outbound.Call.AgentPhone)
	}
	kind := outbound.Kind
	return fmt.Sprintf("%s\n%s\n%d\n%s", kind, Plain(kind, outbound.To), len(outbound.Files), outbound.Body)
}

// Found is what became of the only one of the candidates, however often it is listed. Several of them prove nothing.
func (v Vendor) Found(outbound channel.Outbound, candidates []Message, sentence func(string) string) (channel.Found, error) {
	bySID := func(a, b Message) int { return strings.Compare(a.SID, b.SID) }
	candidates = slices.CompactFunc(slices.SortedStableFunc(slices.Values(candidates), bySID), func(a, b Message) bool { return a.SID == b.SID })
	if len(candidates) != 1 {
		return channel.Found{}, fmt.Errorf("finding message %s among %d: %w", outbound.MessageID, len(candidates), channel.ErrNotFound)
	}
	entry := candidates[0]
	status := v.Status(entry.Status)
	return channel.Found{
		Accepted: channel.Accepted{
			ExternalID: entry.SID, Status: channel.Sent.Advance(status), ProviderStatus: entry.Status,
			Segments: Segments(outbound.Kind, string(entry.Segments)),
		},
		Failure:    v.failure(status, string(entry.ErrorCode), sentence(entry.ErrorMessage)),
		ByLikeness: true,
	}, nil
}

// maxSegments bounds what is believed of a number that the provider tells.
const maxSegments = 1000

// Segments reads of how many segments a text was; anything else is 0, as on a channel that has none.
func Segments(kind channel.Kind, text string) int {
	segments, err := strconv.Atoi(text)
	if err != nil || kind != channel.SMS || segments < 0 || segments > maxSegments {
		return 0
	}
	return segments
}
