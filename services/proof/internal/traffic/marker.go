package traffic

import (
	"regexp"
	"slices"
)

const markerPattern = `m-[0-9]+-[0-9]+\.`

// markersIn lists the markers in a text, each once.
func markersIn(pattern *regexp.Regexp, text []byte) []string {
	var found []string
	for _, one := range pattern.FindAll(text, -1) {
		found = append(found, string(one))
	}
	slices.Sort(found)
	return slices.Compact(found)
}
