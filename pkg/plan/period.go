package plan

import (
	"fmt"
	"time"
	_ "time/tzdata" // the zones of workspaces, whatever the machine has
)

const periodLayout = "2006-01"

// Period is a calendar month of a zone.
type Period struct {
	start time.Time
}

// PeriodAt is the month that an instant belongs to.
func PeriodAt(at time.Time, zone *time.Location) Period {
	local := at.In(zone)
	return Period{start: time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, zone)}
}

// ParsePeriod reads a month such as 2026-11.
func ParsePeriod(text string, zone *time.Location) (Period, error) {
	start, err := time.ParseInLocation(periodLayout, text, zone)
	if err != nil {
		return Period{}, fmt.Errorf("reading the period %q: it is no month such as 2026-11", text)
	}
	return Period{start: start}, nil
}

// String is such as 2026-11.
func (p Period) String() string { return p.start.Format(periodLayout) }

// Start is the first instant, End the first one after it.
func (p Period) Start() time.Time { return p.start }

// End is the first instant of the next period.
func (p Period) End() time.Time { return p.start.AddDate(0, 1, 0) }

// Forecast is what will have been used at the end when it goes on as until now.
func (p Period) Forecast(used int64, now time.Time) int64 {
	length, passed := int64(p.End().Sub(p.start)/time.Second), int64(now.Sub(p.start)/time.Second)
	if passed >= length || passed <= 0 {
		return used
	}
	whole, rest := used/passed, used%passed
	return whole*length + (rest*length+passed-1)/passed
}

// LoadZone reads the IANA name of a zone. The machine's own zone is none.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("reading the time zone %q: it is no IANA name such as Europe/Madrid", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("reading the time zone %q: it is no IANA name such as Europe/Madrid", name)
	}
	return zone, nil
}
