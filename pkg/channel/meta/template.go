package meta

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Parts of a template. A gap of the body is called as in its text; one of another part by the part and that name.
const (
	headerGap = "header."
	buttonGap = "button."
)

// component is a part of a template as the account lists it.
type component struct {
	Type    string `json:"type"`
	Format  string `json:"format"`
	Text    string `json:"text"`
	Buttons []struct {
		Type string `json:"type"`
		Text string `json:"text"`
		URL  string `json:"url"`
	} `json:"buttons"`
	Example struct {
		Header     []string   `json:"header_text"`
		Body       [][]string `json:"body_text"`
		NamedBody  []named    `json:"body_text_named_params"`
		NamedTitle []named    `json:"header_text_named_params"`
	} `json:"example"`
}

type named struct {
	Name    string `json:"param_name"`
	Example string `json:"example"`
}

// template is a template as the account lists it.
type template struct {
	Name       string      `json:"name"`
	Language   string      `json:"language"`
	Status     string      `json:"status"`
	Category   string      `json:"category"`
	Components []component `json:"components"`
}

// Templates implements channel.Templater. The templates of an account may be sent from all of its numbers.
func (c *connection) Templates(ctx context.Context, kind channel.Kind, _ string) ([]channel.Template, error) {
	if kind != channel.WhatsApp {
		return nil, nil
	}
	var all []channel.Template
	query := url.Values{"fields": {"name,language,status,category,components"}, "limit": {pageSize}}
	for range maxPages {
		var page struct {
			Templates []template `json:"data"`
			Paging    paging     `json:"paging"`
		}
		if failed := c.get(ctx, &page, query, c.account, "message_templates"); failed != nil {
			return nil, failed
		}
		for _, one := range page.Templates {
			all = append(all, one.read())
		}
		if page.Paging.Next == "" || page.Paging.Cursors.After == "" || len(page.Templates) == 0 {
			break
		}
		query.Set("after", page.Paging.Cursors.After)
	}
	return all, nil
}

func (t template) read() channel.Template {
	told := channel.Template{
		ID: t.Name, Title: t.Name, Language: t.Language, Category: t.Category, Status: channel.TemplatePending,
	}
	switch strings.ToUpper(t.Status) {
	case "APPROVED":
		told.Status = channel.TemplateApproved
	case "REJECTED", "PAUSED", "DISABLED", "PENDING_DELETION", "DELETED", "LIMIT_EXCEEDED":
		told.Status = channel.TemplateRejected
	}
	var texts []string
	for _, part := range t.Components {
		text, parameters := part.read()
		told.Parameters = append(told.Parameters, parameters...)
		if text != "" {
			texts = append(texts, text)
		}
	}
	told.Body = strings.Join(texts, "\n\n")
	return told
}

// read gives the text of a part and its gaps, with the part before their names.
func (p component) read() (string, []channel.TemplateParameter) {
	switch kind := strings.ToUpper(p.Type); {
	case kind == "BODY":
		return p.Text, parametersOf(p.Text, "", slices.Concat(p.Example.Body...), p.Example.NamedBody)
	case kind == "HEADER" && strings.EqualFold(cmp.Or(p.Format, "TEXT"), "TEXT"):
		text := strings.ReplaceAll(p.Text, "{{", "{{"+headerGap)
		return text, parametersOf(p.Text, headerGap, p.Example.Header, p.Example.NamedTitle)
	case kind == "HEADER" && !strings.EqualFold(p.Format, "LOCATION"):
		return "", []channel.TemplateParameter{{Name: headerGap + strings.ToLower(p.Format)}}
	case kind == "FOOTER":
		return p.Text, nil
	case kind == "BUTTONS":
		return "", p.buttons()
	default:
		return "", nil
	}
}

// buttons are the gaps of the buttons: the end of an address.
func (p component) buttons() []channel.TemplateParameter {
	var parameters []channel.TemplateParameter
	for i, button := range p.Buttons {
		if strings.Contains(button.URL, "{{") {
			parameters = append(parameters, channel.TemplateParameter{Name: buttonGap + strconv.Itoa(i), Example: button.Text})
		}
	}
	return parameters
}

func parametersOf(text, part string, examples []string, names []named) []channel.TemplateParameter {
	var parameters []channel.TemplateParameter
	for i, gap := range channel.TemplateGaps(text) {
		parameter := channel.TemplateParameter{Name: part + gap}
		if i < len(examples) {
			parameter.Example = examples[i]
		}
		if at := slices.IndexFunc(names, func(n named) bool { return n.Name == gap }); at >= 0 {
			parameter.Example = names[at].Example
		}
		parameters = append(parameters, parameter)
	}
	return parameters
}

// templateOf is a template as a message names it.
func templateOf(use channel.TemplateUse) map[string]any {
	made := map[string]any{"name": use.ID, "language": map[string]string{"code": cmp.Or(use.Language, "en_US")}}
	var header, body, buttons []any
	for _, name := range slices.SortedFunc(maps.Keys(use.Parameters), compareGaps) {
		value := use.Parameters[name]
		if gap, ok := strings.CutPrefix(name, headerGap); ok {
			header = append(header, headerParameter(gap, value))
		} else if index, ok := strings.CutPrefix(name, buttonGap); ok {
			buttons = append(buttons, map[string]any{
				"type": "button", "sub_type": "url", "index": index, "parameters": []any{textParameter("", value)},
			})
		} else {
			body = append(body, textParameter(name, value))
		}
	}
	var components []any
	if header != nil {
		components = append(components, map[string]any{"type": "header", "parameters": header})
	}
	if body != nil {
		components = append(components, map[string]any{"type": "body", "parameters": body})
	}
	if components = append(components, buttons...); components != nil {
		made["components"] = components
	}
	return made
}

// compareGaps orders numbered gaps by their numbers, for they are filled in this order.
func compareGaps(a, b string) int {
	first, errA := strconv.Atoi(a[strings.LastIndexByte(a, '.')+1:])
	second, errB := strconv.Atoi(b[strings.LastIndexByte(b, '.')+1:])
	if errA == nil && errB == nil && first != second {
		return cmp.Compare(first, second)
	}
	return strings.Compare(a, b)
}

// headerParameter fills a gap of the header: a word of its text, or the address of the file it shows.
func headerParameter(gap, value string) any {
	if gap == "image" || gap == "video" || gap == "document" {
		return map[string]any{"type": gap, gap: map[string]string{"link": value}}
	}
	return textParameter(gap, value)
}

// textParameter fills a gap; one that has a name and no number is called by it.
func textParameter(gap, value string) map[string]string {
	parameter := map[string]string{"type": "text", "text": value}
	if _, err := strconv.Atoi(gap); err != nil && gap != "" {
		parameter["parameter_name"] = gap
	}
	return parameter
}
