package plan_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

func terms(t *testing.T, capMinor int64, allowances ...*bucketv1.Allowance) plan.Terms {
	t.Helper()
	read, err := plan.Read(&bucketv1.Terms{
		PlanId: "pro", PlanName: "Pro", Currency: "USD", PriceMinor: 4900, TimeZone: "Europe/Madrid", Allowances: allowances,
		SpendCapMinor: capMinor,
	})
	require.NoError(t, err)
	return read
}

func TestCheck(t *testing.T) {
	t.Parallel()
	texts := &bucketv1.Allowance{Meter: "sms", Included: 50, OverageMicros: 12_000}
	mails := &bucketv1.Allowance{Meter: "email", Included: 100}
	whatsApp := &bucketv1.Allowance{Meter: "whatsapp", Included: 5}
	calls := &bucketv1.Allowance{Meter: "call_minute", Unlimited: true}
	for name, test := range map[string]struct {
		cap        int64
		allowances []*bucketv1.Allowance
		used       plan.Used
		meter      plan.Meter
		units      int64
		refused    bool
		used2      int64
		limit      int64
	}{
		"the last one included":                   {allowances: []*bucketv1.Allowance{texts}, used: plan.Used{plan.SMS: 49}, meter: plan.SMS, units: 1},
		"one beyond":                              {allowances: []*bucketv1.Allowance{texts}, used: plan.Used{plan.SMS: 50}, meter: plan.SMS, units: 1, refused: true, used2: 50, limit: 50},
		"three segments where two are left":       {allowances: []*bucketv1.Allowance{texts}, used: plan.Used{plan.SMS: 48}, meter: plan.SMS, units: 3, refused: true, used2: 48, limit: 50},
		"beyond within the spend cap":             {cap: 2, allowances: []*bucketv1.Allowance{texts}, used: plan.Used{plan.SMS: 50}, meter: plan.SMS, units: 1},
		"beyond over the spend cap":               {cap: 2, allowances: []*bucketv1.Allowance{texts}, used: plan.Used{plan.SMS: 51}, meter: plan.SMS, units: 1, refused: true, used2: 51, limit: 50},
		"no price for more, whatever the cap":     {cap: 900, allowances: []*bucketv1.Allowance{mails}, used: plan.Used{plan.Email: 100}, meter: plan.Email, units: 1, refused: true, used2: 100, limit: 100},
		"WhatsApp counts with texts":              {allowances: []*bucketv1.Allowance{texts}, used: plan.Used{plan.SMS: 50}, meter: plan.WhatsApp, units: 1, refused: true, used2: 50, limit: 50},
		"pictures count with texts":               {allowances: []*bucketv1.Allowance{texts}, used: plan.Used{plan.SMS: 50}, meter: plan.MMS, units: 1, refused: true, used2: 50, limit: 50},
		"WhatsApp with an allowance of its own":   {allowances: []*bucketv1.Allowance{texts, whatsApp}, used: plan.Used{plan.SMS: 50, plan.WhatsApp: 4}, meter: plan.WhatsApp, units: 1},
		"and that used up":                        {allowances: []*bucketv1.Allowance{texts, whatsApp}, used: plan.Used{plan.WhatsApp: 5}, meter: plan.WhatsApp, units: 1, refused: true, used2: 5, limit: 5},
		"unlimited":                               {allowances: []*bucketv1.Allowance{calls}, used: plan.Used{plan.CallMinute: 1 << 40}, meter: plan.CallMinute, units: 1},
		"not in the plan at all":                  {used: plan.Used{plan.SMS: 1 << 40}, meter: plan.SMS, units: 1},
		"the cap is shared by all that costs":     {cap: 3, allowances: []*bucketv1.Allowance{texts, {Meter: "call_minute", Included: 0, OverageMicros: 10_000}}, used: plan.Used{plan.SMS: 51, plan.CallMinute: 1}, meter: plan.CallMinute, units: 1, refused: true, used2: 1},
		"nothing included and nothing to be had":  {allowances: []*bucketv1.Allowance{{Meter: "sms"}}, meter: plan.SMS, units: 1, refused: true},
		"what others used does not matter":        {allowances: []*bucketv1.Allowance{texts, mails}, used: plan.Used{plan.Email: 100}, meter: plan.SMS, units: 50},
		"given back units can be used once more":  {allowances: []*bucketv1.Allowance{texts}, used: plan.Used{plan.SMS: -2}, meter: plan.SMS, units: 52},
		"a spend cap to the last millionth of it": {cap: 12, allowances: []*bucketv1.Allowance{texts}, used: plan.Used{plan.SMS: 50}, meter: plan.SMS, units: 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := terms(t, test.cap, test.allowances...)
			err := all.Check(test.used, test.meter, test.units, plan.PeriodAt(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), all.Zone))
			if !test.refused {
				require.NoError(t, err)
				return
			}
			exceeded, ok := errors.AsType[*plan.ExceededError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, test.limit, exceeded.Limit)
			require.Equal(t, test.used2, exceeded.Used)
			require.Equal(t, "2026-11", exceeded.Period.String())
			require.Contains(t, exceeded.Remedy(), "1 December 2026")
		})
	}
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ at, zone, period string }{
		"west of UTC it is still last month":  {"2026-12-01T03:00:00Z", "America/New_York", "2026-11"},
		"east of UTC it is next month":        {"2026-11-30T16:00:00Z", "Asia/Tokyo", "2026-12"},
		"the first instant":                   {"2026-11-01T00:00:00Z", "UTC", "2026-11"},
		"a month in which the clocks go back": {"2026-10-31T22:59:59Z", "Europe/Madrid", "2026-10"},
		"and its end":                         {"2026-10-31T23:00:00Z", "Europe/Madrid", "2026-11"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, test.at)
			require.NoError(t, err)
			zone, err := plan.LoadZone(test.zone)
			require.NoError(t, err)
			period := plan.PeriodAt(at, zone)
			require.Equal(t, test.period, period.String())
			require.False(t, at.Before(period.Start()))
			require.True(t, at.Before(period.End()))
			read, err := plan.ParsePeriod(test.period, zone)
			require.NoError(t, err)
			require.Equal(t, period, read)
		})
	}
	for _, zone := range []string{"", "Local", "Nowhere/Land", "../etc"} {
		_, err := plan.LoadZone(zone)
		require.Error(t, err, zone)
	}
	_, err := plan.ParsePeriod("2026-13", time.UTC)
	require.Error(t, err)
}

func TestForecast(t *testing.T) {
	t.Parallel()
	november, err := plan.ParsePeriod("2026-11", time.UTC)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		now        time.Time
		used, want int64
	}{
		"half-way":       {november.Start().AddDate(0, 0, 15), 100, 200},
		"at the start":   {november.Start(), 3, 3},
		"at the end":     {november.End(), 42, 42},
		"before":         {november.Start().Add(-time.Hour), 7, 7},
		"a third":        {november.Start().AddDate(0, 0, 10), 1, 3},
		"large":          {november.Start().AddDate(0, 0, 15), 1 << 40, 1 << 41},
		"rounded upward": {november.Start().AddDate(0, 0, 29), 10, 11},
	} {
		require.Equal(t, test.want, november.Forecast(test.used, test.now), name)
	}
}

func TestCurrency(t *testing.T) {
	t.Parallel()
	for code, test := range map[string]struct {
		micros, minor int64
		text          string
	}{
		"USD": {7_900, 1, "0.01 USD"}, "JPY": {1_499_999, 1, "1 JPY"}, "KWD": {1_500, 2, "0.002 KWD"}, "EUR": {-5_000, -1, "-0.01 EUR"},
	} {
		currency, err := plan.ParseCurrency(code)
		require.NoError(t, err)
		require.Equal(t, test.minor, currency.Minor(test.micros), code)
		require.Equal(t, test.text, currency.Format(test.minor))
	}
	for _, code := range []string{"", "usd", "US", "DOLLAR", "QQQ"} {
		_, err := plan.ParseCurrency(code)
		require.ErrorIs(t, err, plan.ErrCurrency, code)
	}
	dollars, err := plan.ParseCurrency("USD")
	require.NoError(t, err)
	require.Equal(t, "49.00 USD", dollars.Format(4900))
}

func TestBill(t *testing.T) {
	t.Parallel()
	all := terms(t, 0, &bucketv1.Allowance{Meter: "sms", Included: 1000, OverageMicros: 12_345},
		&bucketv1.Allowance{Meter: "email", Included: 5}, &bucketv1.Allowance{Meter: "call_minute", Unlimited: true, OverageMicros: 9})
	lines := all.Bill(plan.Used{plan.SMS: 1003, plan.Email: 9, plan.CallMinute: 70, plan.Recording: 3})
	require.Equal(t, []plan.Line{
		{Amount: 4900},
		{Meter: plan.Email, Units: 9, Included: 5},
		{Meter: plan.SMS, Units: 1003, Included: 1000, Billed: 3, UnitPrice: 12_345, Amount: 4},
		{Meter: plan.CallMinute, Units: 70, Unlimited: true, UnitPrice: 9},
	}, lines)
	require.EqualValues(t, 4904, plan.Total(lines))
}

func TestReached(t *testing.T) {
	t.Parallel()
	for used, want := range map[int64]int64{0: 0, 39: 0, 40: 80, 49: 80, 50: 100, 51: 100} {
		require.Equal(t, want, plan.Allowance{Included: 50}.Reached(used), used)
	}
	require.Zero(t, plan.Allowance{Unlimited: true}.Reached(1<<40))
	require.EqualValues(t, 100, plan.Allowance{}.Reached(1))
}

func TestUnitsOfAMessage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind       channel.Kind
		text       string
		hasFiles   bool
		recipients int
		meter      plan.Meter
		units      int64
	}{
		{channel.SMS, "hello", false, 1, plan.SMS, 1},
		{channel.SMS, strings.Repeat("x", 161), false, 1, plan.SMS, 2},
		{channel.SMS, strings.Repeat("😀", 36), false, 1, plan.SMS, 2},
		{channel.SMS, "", true, 1, plan.MMS, 1},
		{channel.Email, strings.Repeat("x", 5000), true, 3, plan.Email, 3},
		{channel.WhatsApp, strings.Repeat("x", 500), false, 1, plan.WhatsApp, 1},
		{channel.Call, "", false, 1, plan.CallMinute, 1},
	} {
		meter, ok := plan.MeterOf(test.kind, test.hasFiles)
		require.True(t, ok)
		require.Equal(t, test.meter, meter)
		require.Equal(t, test.units, plan.Units(meter, test.text, test.recipients))
	}
	for _, kind := range []channel.Kind{channel.LiveChat, channel.Social} {
		_, ok := plan.MeterOf(kind, true)
		require.False(t, ok, kind)
	}
}

func TestReadRefusesWhatNobodyCouldKeep(t *testing.T) {
	t.Parallel()
	good := func() *bucketv1.Terms { return &bucketv1.Terms{Currency: "USD", TimeZone: "UTC"} }
	for name, spoil := range map[string]func(*bucketv1.Terms){
		"currency":           func(r *bucketv1.Terms) { r.Currency = "$" },
		"zone":               func(r *bucketv1.Terms) { r.TimeZone = "Local" },
		"meter":              func(r *bucketv1.Terms) { r.Allowances = []*bucketv1.Allowance{{Meter: "fax"}} },
		"negative allowance": func(r *bucketv1.Terms) { r.Allowances = []*bucketv1.Allowance{{Meter: "sms", Included: -1}} },
		"negative price":     func(r *bucketv1.Terms) { r.Allowances = []*bucketv1.Allowance{{Meter: "sms", OverageMicros: -1}} },
	} {
		record := good()
		_, err := plan.Read(record)
		require.NoError(t, err)
		spoil(record)
		_, err = plan.Read(record)
		require.Error(t, err, name)
	}
}
