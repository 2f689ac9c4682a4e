package api

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/fault"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	maxLatency   = 60_000
	maxRate      = 10_000
	maxFailCount = 1_000_000
)

// rule is a fault.Rule as the API tells it.
type rule struct {
	Provider           string  `json:"provider,omitempty"`
	LatencyMS          int     `json:"latencyMs"`
	FailWith           failure `json:"failWith"`
	FailCount          int     `json:"failCount"`
	Calls              string  `json:"calls"`
	DropResponses      bool    `json:"dropResponses"`
	DropCallbacks      bool    `json:"dropCallbacks"`
	DuplicateCallbacks bool    `json:"duplicateCallbacks"`
	ShuffleCallbacks   bool    `json:"shuffleCallbacks"`
	RatePerSecond      float64 `json:"ratePerSecond"`
}

// failure is an HTTP status or a name; a number is taken as well.
type failure string

// UnmarshalJSON implements json.Unmarshaler.
func (f *failure) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), " ")
	if text == "null" || text == "0" {
		*f = ""
		return nil
	}
	if _, err := strconv.Atoi(text); err == nil {
		*f = failure(text)
		return nil
	}
	return json.Unmarshal(data, (*string)(f)) //nolint:wrapcheck // the decoder wraps it
}

func (a *API) showFaults(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, itemsOf(a.faults.Providers(), func(name string) rule {
		held := a.faults.Rule(name)
		return rule{
			Provider: name, LatencyMS: int(held.Latency.Milliseconds()), FailWith: failure(held.FailWith),
			FailCount: held.FailCount, Calls: string(held.Calls), DropResponses: held.DropResponses,
			DropCallbacks: held.DropCallbacks, DuplicateCallbacks: held.DuplicateCallbacks,
			ShuffleCallbacks: held.ShuffleCallbacks, RatePerSecond: held.RatePerSecond,
		}
	}))
}

// putFaults replaces the rule of the named provider, or of all of them.
func (a *API) putFaults(w http.ResponseWriter, r *http.Request) {
	var wanted rule
	if !decode(w, r, &wanted) {
		return
	}
	names := a.faults.Providers()
	if wanted.Provider != "" {
		if !slices.Contains(names, wanted.Provider) {
			invalid(w, "provider", "is none of "+strings.Join(names, ", "))
			return
		}
		names = []string{wanted.Provider}
	}
	if field, message := a.checkRule(wanted, names); field != "" {
		invalid(w, field, message)
		return
	}
	a.faults.Put(fault.Rule{
		Latency: time.Duration(wanted.LatencyMS) * time.Millisecond, FailWith: string(wanted.FailWith),
		FailCount: wanted.FailCount, Calls: fault.Calls(wanted.Calls), DropResponses: wanted.DropResponses,
		DropCallbacks: wanted.DropCallbacks, DuplicateCallbacks: wanted.DuplicateCallbacks,
		ShuffleCallbacks: wanted.ShuffleCallbacks, RatePerSecond: wanted.RatePerSecond,
	}, names...)
	a.world.Announce(world.EventFaults)
	a.showFaults(w, r)
}

func (a *API) checkRule(wanted rule, names []string) (field, message string) {
	switch {
	case wanted.LatencyMS < 0 || wanted.LatencyMS > maxLatency:
		return "latencyMs", "is a number from 0 to 60000"
	case wanted.FailCount < 0 || wanted.FailCount > maxFailCount:
		return "failCount", "is a number from 0 to 1000000"
	case wanted.RatePerSecond < 0 || wanted.RatePerSecond > maxRate || math.IsNaN(wanted.RatePerSecond):
		return "ratePerSecond", "is a number from 0 to 10000"
	case !slices.Contains([]fault.Calls{"", fault.Sends, fault.Lookups, fault.All}, fault.Calls(wanted.Calls)):
		return "calls", "is none of sends, lookups, all"
	}
	for _, carrier := range a.carriers {
		if wanted.FailWith != "" && slices.Contains(names, carrier.Name()) && !carrier.KnowsFailure(string(wanted.FailWith)) {
			return "failWith", "is neither an HTTP error status nor an error of " + carrier.Name()
		}
	}
	return "", ""
}
