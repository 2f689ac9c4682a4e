package history

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// margin is how long before the first and after the last record of a message faults belong to its story.
const margin = 5 * time.Second

// Story tells in order what is known of one message: every record that bears one of the names, which are its marker, its
// id and whatever else it was called by, and the faults of that time.
func (h *History) Story(names ...string) []string {
	known := map[string]bool{}
	for _, name := range names {
		known[name] = name != ""
	}
	for h.learn(known) {
	}
	first, last := h.span(known)
	lines := []string{}
	for _, record := range h.records {
		during := record.At.After(first.Add(-margin)) && record.At.Before(last.Add(margin))
		if record.concerns(known) || (record.Kind == Fault && !first.IsZero() && during) {
			lines = append(lines, record.String())
		}
	}
	return lines
}

// learn adds what else a message of the names is called, and tells whether anything was new.
func (h *History) learn(known map[string]bool) bool {
	added := false
	for _, record := range h.records {
		if record.concerns(known) && record.names(known) {
			added = true
		}
	}
	return added
}

// span is when the first and the last record of a message were made; zero when there is none.
func (h *History) span(known map[string]bool) (first, last time.Time) {
	for _, record := range h.records {
		if !record.concerns(known) {
			continue
		}
		last = record.At
		if first.IsZero() {
			first = record.At
		}
	}
	return first, last
}

// concerns tells whether a record is about a message of one of the names, or of the connections of a client of that name.
func (r Record) concerns(known map[string]bool) bool {
	if (r.Kind == Connect || r.Kind == Disconnect) && known[r.Client] {
		return true
	}
	return known[r.Marker] || known[r.ID] || known[r.Key] || slices.ContainsFunc(r.Markers, func(one string) bool {
		return known[one] && r.Kind == Frame
	})
}

// names adds what else the record calls the message, and tells whether anything was new.
func (r Record) names(known map[string]bool) bool {
	added := false
	if r.Kind == Frame || r.Kind == Read {
		return false
	}
	for _, name := range []string{r.Marker, r.ID, r.Key} {
		if name != "" && !known[name] {
			known[name], added = true, true
		}
	}
	return added
}

// String is the record in one line.
func (r Record) String() string {
	var text strings.Builder
	text.WriteString(r.At.UTC().Format("15:04:05.000 "))
	text.WriteString(string(r.Kind))
	if r.Frame != nil {
		fmt.Fprintf(&text, " %s %s %s %s", r.Frame.Type, r.Frame.Entity, r.Frame.Verb, r.Frame.Status)
	}
	for _, part := range [][2]string{
		{"", r.Name},
		{"", string(r.Outcome)},
		{"status", number(r.Status)},
		{"attempt", number(r.Attempt)},
		{"marker", r.Marker},
		{"id", r.ID},
		{"key", r.Key},
		{"channel", r.Channel},
		{"customer", r.Customer},
		{"workspace", r.Workspace},
		{"client", r.Client},
		{"seq", number(r.Seq)},
		{"after", number(r.After)},
		{"took", took(r)},
		{"", r.Detail},
	} {
		if part[1] == "" {
			continue
		}
		text.WriteString(" ")
		if part[0] != "" {
			text.WriteString(part[0] + "=")
		}
		text.WriteString(part[1])
	}
	return text.String()
}

func number[N int | uint64](n N) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func took(r Record) string {
	if r.End.IsZero() {
		return ""
	}
	return r.End.Sub(r.At).Round(time.Millisecond).String()
}
