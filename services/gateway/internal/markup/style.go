package markup

import (
	"regexp"
	"strings"
)

// maxStyleValue is the longest value of a style that is kept, in bytes.
const maxStyleValue = 200

// styleCheck keeps the declarations of a style attribute that can do nothing but draw text and tables. It reads them
// itself, for the parser the policy would use does not end on every text.
type styleCheck struct {
	known map[string]bool
	value *regexp.Regexp
}

func newStyleCheck() styleCheck {
	check := styleCheck{
		known: map[string]bool{},
		// Numbers, lengths, names, quoted names and colours: no other function, no escape, no comment.
		value: regexp.MustCompile(`^(?:[a-zA-Z0-9 ,.#%/!+-]|'[a-zA-Z0-9 _-]*'|"[a-zA-Z0-9 _-]*"|(?i:rgba?|hsla?)\([0-9 ,.%/+-]*\))+$`),
	}
	for _, name := range properties() {
		check.known[name] = true
	}
	return check
}

// clean is the text without the declarations that are not kept.
func (c styleCheck) clean(text string) string {
	var kept strings.Builder
	for declaration := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(declaration, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !ok || !c.known[name] || len(value) > maxStyleValue || !c.value.MatchString(value) {
			continue
		}
		if kept.Len() > 0 {
			kept.WriteByte(';')
		}
		kept.WriteString(name + ":" + value)
	}
	return kept.String()
}

// properties are those that are kept: none of them loads anything or leaves its place.
func properties() []string {
	return []string{
		"color", "background-color", "background", "font", "font-family", "font-size", "font-style", "font-variant", "font-weight",
		"line-height", "letter-spacing", "word-spacing", "text-align", "text-decoration", "text-indent", "text-transform",
		"vertical-align", "white-space", "word-break", "word-wrap", "overflow-wrap", "direction",
		"margin", "margin-top", "margin-right", "margin-bottom", "margin-left",
		"padding", "padding-top", "padding-right", "padding-bottom", "padding-left",
		"border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-style", "border-width",
		"border-radius", "border-collapse", "border-spacing", "table-layout", "caption-side", "empty-cells",
		"width", "min-width", "max-width", "height", "min-height", "max-height", "display", "float", "clear", "overflow", "opacity",
		"list-style-type", "list-style-position", "box-sizing",
	}
}
