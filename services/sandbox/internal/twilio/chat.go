package twilio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	// chatPrefix begins the addresses of WhatsApp.
	chatPrefix       = "whatsapp:"
	templateLanguage = "en"
)

func isChat(address string) bool { return strings.HasPrefix(address, chatPrefix) }

func bare(address string) string { return strings.TrimPrefix(address, chatPrefix) }

// content is a template of the account.
type content struct {
	sid, name, category, status, body string
	examples, buttons                 []string
}

func contents() []content {
	return []content{
		{"HX00000000000000000000000000000001", "order_update", "UTILITY", "approved", "Hello {{1}}, your order {{2}} is on its way.", []string{"Ana", "A-7"}, nil},
		{"HX00000000000000000000000000000002", "appointment", "UTILITY", "approved", "Can you come on {{1}}?", []string{"Tuesday"}, []string{"Yes", "No"}},
		{"HX00000000000000000000000000000003", "spring_sale", "MARKETING", "pending", "Everything costs less.", nil, nil},
	}
}

// chatRefusal is the code a message of WhatsApp is refused with, 0 when it is taken.
func (a *API) chatRefusal(form url.Values, to, from string) int {
	template := form.Get("ContentSid")
	_, _, known := fillContent(template, form.Get("ContentVariables"))
	switch {
	case strings.HasPrefix(to, "+") && (!sms.ValidNumber(to) || strings.HasSuffix(to, sms.SuffixInvalid)):
		return codeInvalidTo
	case from != "" && !sms.Owned(from):
		return codeForeignChat
	case template != "" && !known:
		return codeTemplate
	case template == "" && form.Get("Body") == "" && len(form["MediaUrl"]) == 0:
		return codeMissingBody
	case utf8.RuneCountInString(form.Get("Body")) > sms.MaxRunes:
		return codeTooLong
	case len(form["MediaUrl"]) > 1:
		return codeTooManyMedia
	case form.Get("StatusCallback") != "" && !provider.IsURL(form.Get("StatusCallback")):
		return codeInvalidURL
	default:
		return 0
	}
}

// fill makes the text of the template that a message names.
func (a *API) fill(text *record, form url.Values) {
	if sid := form.Get("ContentSid"); sid != "" {
		text.template = sid
		text.body, text.buttons, _ = fillContent(sid, form.Get("ContentVariables"))
	}
}

// fillContent is the text of an approved template with its values; a gap without a value shows its example.
func fillContent(sid, variables string) (body string, buttons []string, ok bool) {
	values := map[string]string{}
	if variables != "" && json.Unmarshal([]byte(variables), &values) != nil {
		return "", nil, false
	}
	for _, one := range contents() {
		if one.sid != sid || one.status != "approved" {
			continue
		}
		body = one.body
		for i, example := range one.examples {
			name := strconv.Itoa(i + 1)
			value, given := values[name]
			if !given {
				value = example
			}
			body = strings.Replace(body, "{{"+name+"}}", value, 1)
		}
		return body, one.buttons, true
	}
	return "", nil, false
}

func (a *API) listContents(request provider.Call) provider.Answer {
	if !a.knows(request, a.config.Account, a.config.Token) && !a.knows(request, a.config.Key, a.config.KeySecret) {
		return fail(codeAuthentication)
	}
	found := []any{}
	for _, one := range contents() {
		variables := map[string]string{}
		for i, example := range one.examples {
			variables[strconv.Itoa(i+1)] = example
		}
		kind := "twilio/text"
		if one.buttons != nil {
			kind = "twilio/quick-reply"
		}
		found = append(found, map[string]any{
			"sid": one.sid, "account_sid": a.config.Account, "friendly_name": one.name, "language": templateLanguage,
			"variables": variables, "types": map[string]any{kind: map[string]any{"body": one.body}},
			"approval_requests": map[string]any{"status": one.status, "category": one.category, "name": one.name},
		})
	}
	return provider.JSON(http.StatusOK, map[string]any{"contents": found, "meta": map[string]any{"next_page_url": nil, "page_size": 100}})
}

// Act tells that a customer has opened a message.
func (a *API) Act(message world.Message, action world.Action) error {
	kept, ok := a.records.Get(message.ExternalID)
	if action != world.Open || !ok || !kept.chat {
		return &world.InputError{Field: "action", Message: "is nothing that this provider tells of"}
	}
	read := step{status: statusRead, at: world.Now()}
	a.records.Update(kept.sid, func(r record) record {
		r.steps = append(slices.Clip(r.steps), read)
		return r
	})
	if a.world.SetRead(message.ID) && kept.callback != "" && a.callbacks.Reachable(kept.callback) {
		a.callbacks.Deliver(a.statusCallback(kept, read))
	}
	return nil
}

// Chat is the provider as the customers of WhatsApp use it.
type Chat struct{ *API }

// Chat gives the provider as the customers of WhatsApp use it.
func (a *API) Chat() Chat { return Chat{a} }

// Channel is the channel the provider serves.
func (Chat) Channel() string { return world.WhatsApp }

// Write lets a customer write on WhatsApp to one of our numbers. It returns a *world.InputError naming what is wrong.
func (c Chat) Write(draft world.Draft) (world.Message, error) { return c.receive(draft, true) }
