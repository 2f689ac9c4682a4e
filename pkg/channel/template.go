package channel

import (
	"context"
	"slices"
	"strings"
)

// Template is a message the provider has approved for sending outside the window.
type Template struct {
	// ID is the provider's id or name of it.
	ID, Title string
	// Language and Category are as the provider writes them, for example en_US and UTILITY.
	Language, Category string
	// Status is TemplateApproved, TemplatePending or TemplateRejected.
	Status string
	// Body is the text with its parameters as {{name}}.
	Body       string
	Parameters []TemplateParameter
}

// The states of a template. Only an approved one can be sent.
const (
	TemplateApproved = "approved"
	TemplatePending  = "pending"
	TemplateRejected = "rejected"
)

// TemplateParameter is a gap in the text of a template.
type TemplateParameter struct{ Name, Example string }

// TemplateUse is a template with the values of its parameters, by name.
type TemplateUse struct {
	ID, Language string
	Parameters   map[string]string
}

// Templater lists the templates of an account. Optional.
type Templater interface {
	// Templates lists the templates that from, one of our addresses, may send. Every error is an *Error.
	Templates(ctx context.Context, kind Kind, from string) ([]Template, error)
}

// Render is the text the template makes of the values; a gap without a value stays as it is.
func (t Template) Render(values map[string]string) string {
	pairs := make([]string, 0, 2*len(values))
	for name, value := range values {
		pairs = append(pairs, "{{"+name+"}}", value)
	}
	return strings.NewReplacer(pairs...).Replace(t.Body)
}

// maxGaps bounds the parameters that are read out of a text.
const maxGaps = 100

// TemplateGaps lists the names of the gaps in a text, {{name}}, each once and in the order of the text.
func TemplateGaps(body string) []string {
	var names []string
	for len(names) < maxGaps {
		_, rest, opened := strings.Cut(body, "{{")
		inside, after, closed := strings.Cut(rest, "}}")
		if !opened || !closed {
			break
		}
		if name := strings.TrimSpace(inside); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
		body = after
	}
	return names
}
