package plan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/currency"
)

// ErrCurrency is returned for a text that names no currency.
var ErrCurrency = errors.New("no ISO 4217 currency")

// microsDigits is how many decimals a price of a unit has.
const microsDigits = 6

// Currency is an ISO 4217 currency.
type Currency struct {
	code string
	// perMinor is how many micros one minor unit has.
	perMinor int64
	digits   int
}

// ParseCurrency reads an ISO 4217 code in upper case.
func ParseCurrency(code string) (Currency, error) {
	unit, err := currency.ParseISO(code)
	if err != nil || code != strings.ToUpper(code) {
		return Currency{}, fmt.Errorf("%w: %q", ErrCurrency, code)
	}
	digits, _ := currency.Standard.Rounding(unit)
	perMinor := int64(1)
	for range microsDigits - digits {
		perMinor *= 10
	}
	return Currency{code: code, perMinor: perMinor, digits: digits}, nil
}

// String is the code.
func (c Currency) String() string { return c.code }

// Micros is an amount of minor units as micros.
func (c Currency) Micros(minor int64) int64 { return minor * c.perMinor }

// Minor is micros as minor units, half a unit up.
func (c Currency) Minor(micros int64) int64 {
	if micros < 0 {
		return -c.Minor(-micros)
	}
	return (micros + c.perMinor/2) / c.perMinor
}

// Format writes minor units as a person reads them, such as 49.00 USD.
func (c Currency) Format(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	text := strconv.FormatInt(minor, 10)
	if c.digits > 0 {
		text = strings.Repeat("0", max(0, c.digits+1-len(text))) + text
		text = text[:len(text)-c.digits] + "." + text[len(text)-c.digits:]
	}
	return sign + text + " " + c.code
}
