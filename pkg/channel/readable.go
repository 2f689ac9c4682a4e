package channel

import "strings"

// Location is a place that a customer sent, as the provider writes its parts; each may be empty.
type Location struct{ Name, Address, Latitude, Longitude string }

// Text is the place in words, for a channel on which a place is a message; empty when nothing is known of it.
func (l Location) Text() string {
	var parts []string
	for _, part := range []string{l.Name, l.Address} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	if l.Latitude != "" && l.Longitude != "" {
		parts = append(parts, l.Latitude+","+l.Longitude)
	}
	if len(parts) == 0 {
		return ""
	}
	return "Location: " + strings.Join(parts, ", ")
}
