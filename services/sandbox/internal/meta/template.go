package meta

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

// template is a template of the account.
type template struct {
	Name       string      `json:"name"`
	Language   string      `json:"language"`
	Status     string      `json:"status"`
	Category   string      `json:"category"`
	ID         string      `json:"id"`
	Components []component `json:"components"`
}

type component struct {
	Type    string         `json:"type"`
	Format  string         `json:"format,omitempty"`
	Text    string         `json:"text,omitempty"`
	Example map[string]any `json:"example,omitempty"`
	Buttons []reply        `json:"buttons,omitempty"`
}

type reply struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

const statusApproved = "APPROVED"

// templates are those of the account: approved ones, and one in each of the other states.
func templates() []template {
	body := func(text string, examples ...string) component {
		part := component{Type: "BODY", Text: text}
		if len(examples) > 0 {
			part.Example = map[string]any{"body_text": [][]string{examples}}
		}
		return part
	}
	return []template{
		{Name: "order_update", Language: "en_US", Status: statusApproved, Category: "UTILITY", ID: "7001", Components: []component{
			body("Hello {{1}}, your order {{2}} is on its way.", "Ana", "A-7"), {Type: "FOOTER", Text: "Sandbox"},
		}},
		{Name: "order_update", Language: "de", Status: statusApproved, Category: "UTILITY", ID: "7002", Components: []component{
			body("Hallo {{1}}, Ihre Bestellung {{2}} ist unterwegs.", "Ana", "A-7"),
		}},
		{Name: "appointment", Language: "en_US", Status: statusApproved, Category: "UTILITY", ID: "7003", Components: []component{
			{Type: "HEADER", Format: "TEXT", Text: "Your appointment"},
			body("Can you come on {{1}} at {{2}}?", "Tuesday", "nine"),
			{Type: "BUTTONS", Buttons: []reply{{"QUICK_REPLY", "Yes"}, {"QUICK_REPLY", "No"}}},
		}},
		{Name: "hello", Language: "en_US", Status: statusApproved, Category: "MARKETING", ID: "7004", Components: []component{
			body("Hello! How can we help you?"),
		}},
		{Name: "spring_sale", Language: "en_US", Status: "PENDING", Category: "MARKETING", ID: "7005", Components: []component{
			body("Everything costs {{1}} percent less.", "10"),
		}},
		{Name: "shouting", Language: "en_US", Status: "REJECTED", Category: "MARKETING", ID: "7006", Components: []component{body("BUY NOW")}},
	}
}

func (a *API) listTemplates(provider.Call) provider.Answer {
	return provider.JSON(http.StatusOK, map[string]any{
		"data": templates(), "paging": map[string]any{"cursors": map[string]string{"before": "0", "after": "0"}},
	})
}

// used is a template as a message names it.
type used struct {
	Name     string `json:"name"`
	Language struct {
		Code string `json:"code"`
	} `json:"language"`
	Components []struct {
		Type       string      `json:"type"`
		Parameters []parameter `json:"parameters"`
	} `json:"components"`
}

type parameter struct {
	Type string `json:"type"`
	Text string `json:"text"`
	Name string `json:"parameter_name"`
}

// fill makes the text and the buttons of a used template, or says which code refuses it.
func (u used) fill() (text string, buttons []string, code int) {
	for _, one := range templates() {
		if one.Name == u.Name && one.Language == u.Language.Code && one.Status == statusApproved {
			return u.fillParts(one)
		}
	}
	return "", nil, codeTemplate
}

func (u used) fillParts(of template) (text string, buttons []string, code int) {
	var texts []string
	for _, part := range of.Components {
		for _, button := range part.Buttons {
			buttons = append(buttons, button.Text)
		}
		if part.Text == "" {
			continue
		}
		values := u.valuesOf(part.Type)
		if strings.Count(part.Text, "{{") != len(values) {
			return "", nil, codeParameters
		}
		filled := part.Text
		for i, value := range values {
			filled = strings.Replace(filled, "{{"+strconv.Itoa(i+1)+"}}", value.Text, 1)
		}
		texts = append(texts, filled)
	}
	return strings.Join(texts, "\n\n"), buttons, 0
}

func (u used) valuesOf(part string) []parameter {
	for _, one := range u.Components {
		if strings.EqualFold(one.Type, part) {
			return one.Parameters
		}
	}
	return nil
}
