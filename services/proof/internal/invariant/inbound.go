package invariant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// inboundKept: what a customer wrote is in the database once when an attempt of its webhook was answered 2xx, unless it
// was set aside; and never twice.
func inboundKept(c *checking) {
	byMarker, byName := map[string]int{}, map[string]int{}
	for _, row := range c.inboundRows() {
		byName[row.ExternalID]++
		for _, marker := range c.markersOf(row.Body) {
			byMarker[marker]++
		}
	}
	for _, one := range c.journal {
		if one.Kind != written {
			continue
		}
		c.checked++
		subject, times := one.ExternalID, byName[one.ExternalID]
		if markers := c.markersOf(one.Text); len(markers) > 0 {
			subject, times = markers[0], byMarker[markers[0]]
		}
		switch {
		case times > 1:
			c.violated(subject, fmt.Sprintf("it is in the database %d times", times))
		case times == 0 && c.answeredWell(one.ExternalID) && !c.isSetAside(subject, one.ExternalID):
			c.violated(subject, "its webhook was answered well, and it is nowhere")
		}
	}
}

// isSetAside tells that a message is in QUARANTINE or DEADLETTER by one of its names.
func (c *checking) isSetAside(names ...string) bool {
	return slices.ContainsFunc(c.setAside, func(text string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return name != "" && strings.Contains(text, name) })
	})
}

// filesIntact: a customer got the bytes that were sent, and the API gives the bytes that a customer sent.
func filesIntact(c *checking) {
	for _, one := range c.inOrder() {
		for _, arrived := range c.arrivals[one.Marker] {
			c.checked += len(one.Files)
			if wrong := differ(one.Files, arrived.Files); wrong != "" {
				c.violated(one.Marker, "the customer got it with other files: "+wrong)
			}
		}
	}
	for _, row := range c.inboundRows() {
		for _, marker := range c.markersOf(row.Body) {
			if sent, known := c.inbounds[marker]; known {
				c.checked += len(sent.Files)
				c.kept(marker, row, sent.Files)
			}
		}
	}
}

// kept checks that a row has the files that the customer sent.
func (c *checking) kept(marker string, row message, sent []history.File) {
	if missing := missingOf(row); missing != "" {
		if !c.withheld(row) {
			c.violated(marker, "a file is missing: "+missing)
		}
		return
	}
	if wrong := differ(sent, c.downloads(row)); wrong != "" {
		c.violated(marker, "it has other files than the customer sent: "+wrong)
	}
}

// missingOf is the reason that the first missing file of a row is listed with; empty when none is missing.
func missingOf(row message) string {
	for _, one := range row.Files {
		if one.Missing != "" {
			return one.Filename + " " + one.Missing
		}
	}
	return ""
}

const (
	// heldBefore and heldAfter are how far around the instant at which a customer wrote something may keep the webhook from
	// having the files in time.
	heldBefore = 8 * time.Second
	heldAfter  = 15 * time.Second
)

// withheld tells that the provider did not hand a file out in time, or that who fetches it was held up: then the message
// comes without the file, and says why. A store that is full is no such reason.
func (c *checking) withheld(row message) bool {
	return slices.ContainsFunc(c.history.Records(history.Fault), func(done history.Record) bool {
		near := done.At.After(row.CreatedAt.Add(-heldBefore)) && done.At.Before(row.CreatedAt.Add(heldAfter))
		return near && (strings.HasPrefix(done.Name, "provider-") || done.Name == "pause" || done.Name == "point")
	})
}

// inboundRows are the rows of what customers wrote.
func (c *checking) inboundRows() []message {
	return slices.DeleteFunc(slices.Clone(c.messages), func(row message) bool { return row.Direction != inbound })
}

// downloads are the files of a row as the API gives them.
func (c *checking) downloads(row message) []history.File {
	var files []history.File
	for _, one := range row.Files {
		files = append(files, c.files[row.ID+"/"+one.ID].File)
	}
	return files
}

// differ says in what two lists of files differ by size and content; empty when they do not.
func differ(want, have []history.File) string {
	if len(want) != len(have) {
		return fmt.Sprintf("%d and not %d", len(have), len(want))
	}
	for at := range want {
		if want[at].Sum != have[at].Sum || want[at].Size != have[at].Size {
			return fmt.Sprintf("%s has %d bytes (%.12s) and not %d (%.12s)", want[at].Filename, have[at].Size, have[at].Sum,
				want[at].Size, want[at].Sum)
		}
	}
	return ""
}
