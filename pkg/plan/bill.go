package plan

// Line is one line of what a period costs.
type Line struct {
	// Meter is empty for the plan's own price.
	Meter Meter
	// Units were used, of which Included are in the plan's price and Billed are not.
	Units, Included, Billed int64
	// Unlimited tells that the plan includes any number.
	Unlimited bool
	// UnitPrice in micros, Amount in minor units.
	UnitPrice, Amount int64
}

// Bill is what a period costs, line by line: the plan, then each allowance and what was used of it.
func (t Terms) Bill(used Used) []Line {
	lines := []Line{{Amount: t.Price}}
	for _, meter := range Meters() {
		allowance, ok := t.Allowances[meter]
		if !ok {
			continue
		}
		units := used[meter]
		billed := allowance.beyond(units)
		if allowance.Overage == 0 {
			billed = 0
		}
		lines = append(lines, Line{
			Meter: meter, Units: units, Included: allowance.Included, Unlimited: allowance.Unlimited, Billed: billed,
			UnitPrice: allowance.Overage, Amount: t.Currency.Minor(billed * allowance.Overage),
		})
	}
	return lines
}

// Total is the sum of lines, in minor units.
func Total(lines []Line) int64 {
	var total int64
	for _, line := range lines {
		total += line.Amount
	}
	return total
}

// Thresholds are the shares of an allowance at which a workspace is alerted, in percent.
func Thresholds() []int64 { return []int64{80, 100} }

// Reached is the highest threshold that was reached of an allowance; 0 for none.
func (a Allowance) Reached(used int64) int64 {
	var reached int64
	for _, percent := range Thresholds() {
		if !a.Unlimited && used > 0 && used*100 >= a.Included*percent {
			reached = percent
		}
	}
	return reached
}
