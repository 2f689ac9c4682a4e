package email

import (
	"strings"
	"unicode/utf8"
)

const (
	// maxSplit is the longest body that is taken apart: no person answers in more.
	maxSplit = 1 << 20
	// maxAttribution is how many lines a mail program breaks "On … wrote:" into, and maxAttributionLine how long each is.
	maxAttribution     = 4
	maxAttributionLine = 400
	// maxHeading is how many lines below its first the heading of a quoted mail is looked for.
	maxHeading = 8
)

// SplitQuote splits what a person wrote from the earlier messages quoted with it. Every line of the body that is not empty
// is in one of the two, in its order: signatures stay with the reply, and so do quotations that are answered point by
// point. A body that is nothing but quotation, one that forwards a message, and one of more than a mebibyte is all reply.
func SplitQuote(body string) (reply, quoted string) {
	if len(body) > maxSplit {
		return body, ""
	}
	lines := strings.SplitAfter(body, "\n")
	end := separator(lines)
	if end < 0 {
		return body, ""
	}
	kept, parted := pick(lines[:end])
	parted = append(parted, lines[end:]...)
	reply, quoted = join(kept), join(parted)
	if reply == "" || quoted == "" {
		return body, ""
	}
	return reply, quoted
}

// join is the text of lines, without the empty ones around it.
func join(lines []string) string {
	return strings.TrimRight(strings.TrimLeft(strings.Join(lines, ""), "\r\n"), " \t\r\n")
}

// separator is the line from which on everything is quotation; the number of lines when there is none, and less than 0 when
// the message forwards another, which is its content and no quotation.
func separator(lines []string) int {
	for i, line := range lines {
		text := trimmed(line)
		switch {
		case text == "":
		case isForward(text):
			return -1
		case isOriginal(text):
			return i
		case isRule(text) && isHeading(lines[i+1:]), isHeading(lines[i:]):
			return i
		case isAttributionEnd(text) && isSaid(text) && !quoteFollows(lines[i+1:]):
			if first := introduction(lines, 0, i); first >= 0 && hasDate(strings.Join(lines[first:i+1], " ")) {
				return first
			}
		}
	}
	return len(lines)
}

// block is a run of lines that are all quotation or all not.
type block struct {
	first, end int
	quoted     bool
}

// pick parts the quotation among lines before which there is no separator.
func pick(lines []string) (kept, parted []string) {
	blocks := blocksOf(lines)
	quotes := 0
	for _, one := range blocks {
		if one.quoted {
			quotes++
		}
	}
	for i, one := range blocks {
		part := lines[one.first:one.end]
		last := i == len(blocks)-1
		// The only quotation is not answered point by point: it stands before the answer, or before the signature alone.
		only := quotes == 1 && (i == 0 || i == len(blocks)-2 && isSignature(lines[blocks[i+1].first:blocks[i+1].end]))
		if one.quoted && (last || only) {
			parted = append(parted, part...)
		} else {
			kept = append(kept, part...)
		}
	}
	return kept, parted
}

// blocksOf cuts lines where quotation begins and ends. Empty lines belong to the block before them, and the line that says
// who wrote the quotation to the quotation.
func blocksOf(lines []string) []block {
	var blocks []block
	for i, line := range lines {
		text := trimmed(line)
		quoted := isQuoted(line)
		if len(blocks) > 0 && (text == "" || blocks[len(blocks)-1].quoted == quoted) {
			blocks[len(blocks)-1].end = i + 1
			continue
		}
		if text == "" {
			blocks = append(blocks, block{first: i, end: i + 1})
			continue
		}
		first := i
		if quoted && len(blocks) > 0 {
			before := &blocks[len(blocks)-1]
			first = attribution(lines, before.first, i)
			if before.end = first; before.first == first {
				blocks = blocks[:len(blocks)-1]
			}
		}
		blocks = append(blocks, block{first: first, end: i + 1, quoted: quoted})
	}
	return blocks
}

// attribution is where the line begins that introduces the quotation at the line at; at when there is none. It does not
// reach before the line from.
func attribution(lines []string, from, at int) int {
	last := at - 1
	for last >= from && trimmed(lines[last]) == "" {
		last--
	}
	if last < from || !isAttributionEnd(trimmed(lines[last])) {
		return firstIfEmpty(lines, from, at)
	}
	if first := introduction(lines, from, last); first >= 0 {
		return firstIfEmpty(lines, from, first)
	}
	return firstIfEmpty(lines, from, last)
}

// introduction is where the words begin that say who wrote a quotation when and that end at the line last; less than 0 when
// no line looks like their beginning.
func introduction(lines []string, from, last int) int {
	for first := last; first >= from && first > last-maxAttribution; first-- {
		text := trimmed(lines[first])
		if text == "" || len(text) > maxAttributionLine {
			break
		}
		if startsAttribution(text) {
			return first
		}
	}
	return -1
}

// firstIfEmpty takes the lines before at in when they are empty, so that they are no block of their own.
func firstIfEmpty(lines []string, from, at int) int {
	for i := from; i < at; i++ {
		if trimmed(lines[i]) != "" {
			return at
		}
	}
	return from
}

// quoteFollows tells whether the next line that is not empty is marked as quotation.
func quoteFollows(lines []string) bool {
	for i, line := range lines {
		if i > maxAttribution {
			return false
		}
		if trimmed(line) != "" {
			return isQuoted(line)
		}
	}
	return false
}

// isQuoted tells a line that is marked as quotation. A mail in a mailbox file may write ">From " for "From ".
func isQuoted(line string) bool {
	line = strings.TrimLeft(line, " \t\u00a0")
	return strings.HasPrefix(line, ">") && !strings.HasPrefix(line, ">From ")
}

// isSignature tells what a mail program or a mailing list adds below everything.
func isSignature(lines []string) bool {
	for _, line := range lines {
		text := strings.TrimRight(line, "\r\n")
		if trimmed(text) == "" {
			continue
		}
		return text == "-- " || text == "--" || strings.HasPrefix(text, "_____") || signature.MatchString(text)
	}
	return true
}

// isHeading tells the heading of a quoted mail as some programs write it: From, Sent, To and Subject on lines of their own.
func isHeading(lines []string) bool {
	if !begins(lines) {
		return false
	}
	found := 0
	for i, line := range lines {
		text := trimmed(line)
		if i > maxHeading || text == "" && found > 0 {
			break
		}
		if saysAbout(label(text)) {
			found++
		}
	}
	return found >= 2
}

// begins tells whether the first line that is not empty says who a mail is from.
func begins(lines []string) bool {
	for i, line := range lines {
		if text := trimmed(line); text != "" {
			return saysFrom(label(text))
		}
		if i > 1 {
			return false
		}
	}
	return false
}

// isRule tells a line that is drawn of underscores, dashes or equal signs.
func isRule(text string) bool {
	const least = 5
	return len(text) >= least && (strings.Trim(text, "_") == "" || strings.Trim(text, "-") == "" || strings.Trim(text, "=") == "")
}

func trimmed(line string) string {
	line = strings.TrimSpace(line)
	if !utf8.ValidString(line) {
		return strings.ToValidUTF8(line, replacement)
	}
	return line
}
