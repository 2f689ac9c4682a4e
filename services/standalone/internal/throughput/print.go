package throughput

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
)

// bareName is how the bare call is called.
const bareName = "bare HTTP"

// Print writes the rows as a table. Its error tells which adapters could not send.
func Print(out io.Writer, rows []Row) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "adapter\tlatency\tin flight\tsends/s\tmost at the stand-in\tcalls/send\tof bare HTTP\t")
	var problems []error
	for _, row := range rows {
		name, ofBare := row.Adapter, fmt.Sprintf("%.0f %%", 100*row.OfBare)
		if name == "" {
			name, ofBare = bareName, ""
		}
		if row.Err != nil {
			problems = append(problems, fmt.Errorf("%s with %d in flight: %w", name, row.InFlight, row.Err))
			ofBare = "failed"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%.0f\t%d\t%.1f\t%s\t\n",
			name, row.Latency, row.InFlight, row.PerSecond, row.Most, row.Calls, ofBare)
	}
	problems = append(problems, table.Flush())
	return errors.Join(problems...)
}
