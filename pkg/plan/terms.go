package plan

import (
	"errors"
	"fmt"
	"time"

	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// Allowance is what a plan includes of a meter in a period.
type Allowance struct {
	Included  int64
	Unlimited bool
	// Overage is the price of a unit beyond, in micros; 0 when there is none to be had.
	Overage int64
}

// Terms are what one workspace may use and what it costs.
type Terms struct {
	PlanID, PlanName string
	Currency         Currency
	// Price of a period, in minor units.
	Price      int64
	Zone       *time.Location
	Allowances map[Meter]Allowance
	// SpendCap is what units beyond the allowances may cost in a period, in minor units; 0 allows none.
	SpendCap int64
}

// ErrTerms is returned for terms that nobody could keep.
var ErrTerms = errors.New("unusable plan")

// Read reads the terms of a workspace as its bucket holds them.
func Read(record *bucketv1.Terms) (Terms, error) {
	currency, err := ParseCurrency(record.GetCurrency())
	if err != nil {
		return Terms{}, err
	}
	zone, err := LoadZone(record.GetTimeZone())
	if err != nil {
		return Terms{}, err
	}
	terms := Terms{
		PlanID: record.GetPlanId(), PlanName: record.GetPlanName(), Currency: currency, Price: record.GetPriceMinor(),
		Zone: zone, Allowances: make(map[Meter]Allowance, len(record.GetAllowances())), SpendCap: record.GetSpendCapMinor(),
	}
	for _, each := range record.GetAllowances() {
		meter, ok := ParseMeter(each.GetMeter())
		if !ok || each.GetIncluded() < 0 || each.GetOverageMicros() < 0 {
			return Terms{}, fmt.Errorf("%w: allowance of %q", ErrTerms, each.GetMeter())
		}
		terms.Allowances[meter] = Allowance{
			Included: each.GetIncluded(), Unlimited: each.GetUnlimited(), Overage: each.GetOverageMicros(),
		}
	}
	return terms, nil
}

// CountedWith is the meter whose allowance a meter takes from: its own, or that of texts where MMS and WhatsApp have none.
func (t Terms) CountedWith(meter Meter) Meter {
	if _, own := t.Allowances[meter]; own {
		return meter
	}
	if _, texts := t.Allowances[SMS]; texts && (meter == MMS || meter == WhatsApp) {
		return SMS
	}
	return meter
}

// Limits tells whether use of a meter can ever be refused or cost something beyond the plan's price.
func (t Terms) Limits(meter Meter) bool {
	allowance, ok := t.Allowances[t.CountedWith(meter)]
	return ok && !allowance.Unlimited
}

// UnitPrice is what a unit beyond the allowance costs, in micros.
func (t Terms) UnitPrice(meter Meter) int64 { return t.Allowances[t.CountedWith(meter)].Overage }

// Used is what was used in a period, by the meter it is counted with.
type Used map[Meter]int64

// Check tells whether units more may be used. The error is an *ExceededError.
func (t Terms) Check(used Used, meter Meter, units int64, period Period) error {
	counted := t.CountedWith(meter)
	allowance, ok := t.Allowances[counted]
	if !ok || allowance.Unlimited || used[counted]+units <= allowance.Included {
		return nil
	}
	exceeded := &ExceededError{
		Meter: counted, Limit: allowance.Included, Used: used[counted], Units: units, Period: period,
		HasOverage: allowance.Overage > 0, SpendCap: t.SpendCap, Currency: t.Currency,
	}
	if allowance.Overage == 0 || t.SpendCap == 0 {
		return exceeded
	}
	cost := t.Currency.Micros(t.SpendCap)
	for each, allowed := range t.Allowances {
		count := used[each]
		if each == counted {
			count += units
		}
		cost -= allowed.beyond(count) * allowed.Overage
	}
	if cost < 0 {
		return exceeded
	}
	return nil
}

// beyond is how many units of those used are not included.
func (a Allowance) beyond(used int64) int64 {
	if a.Unlimited {
		return 0
	}
	return max(0, used-a.Included)
}

// ExceededError tells which limit a message would go over.
type ExceededError struct {
	// Meter is the one whose allowance is used up.
	Meter Meter
	// Limit is what the plan includes, Used what of it is taken, Units what the message would take.
	Limit, Used, Units int64
	Period             Period
	// HasOverage tells that more may be had for money, up to SpendCap minor units of Currency.
	HasOverage bool
	SpendCap   int64
	Currency   Currency
}

func (e *ExceededError) Error() string {
	return fmt.Sprintf("%d of %d %s are used in %s, and this takes %d", e.Used, e.Limit, e.Meter.Noun(), e.Period, e.Units)
}

// Remedy is what a person can do about it.
func (e *ExceededError) Remedy() string {
	resets := ", or wait until " + e.Period.End().Format("2 January 2006")
	switch {
	case e.HasOverage && e.SpendCap > 0:
		return "Raise the spend cap, choose a larger plan" + resets + "."
	case e.HasOverage:
		return "Set a spend cap to pay for more, choose a larger plan" + resets + "."
	default:
		return "Choose a larger plan, use an account of your own" + resets + "."
	}
}

// Noun is the plural of a meter's unit, for sentences.
func (m Meter) Noun() string {
	switch m {
	case Email:
		return "e-mails"
	case SMS:
		return "text segments"
	case MMS:
		return "picture messages"
	case WhatsApp:
		return "WhatsApp messages"
	case CallMinute:
		return "call minutes"
	case Recording:
		return "recordings"
	default:
		return string(m)
	}
}
