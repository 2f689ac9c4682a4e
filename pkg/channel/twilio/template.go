package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/twilio/twilio-go/client"
	content "github.com/twilio/twilio-go/rest/content/v1"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// template is the part of the provider's content resource that is read.
type template struct {
	SID       string            `json:"sid"`
	Name      string            `json:"friendly_name"`
	Language  string            `json:"language"`
	Variables map[string]string `json:"variables"`
	// Types is the text in each of the forms it can be sent in.
	Types map[string]struct {
		Body  string `json:"body"`
		Title string `json:"title"`
	} `json:"types"`
	Approval struct {
		Status   string `json:"status"`
		Category string `json:"category"`
	} `json:"approval_requests"`
}

// Templates implements channel.Templater. The templates of an account may be sent from all of its numbers.
func (c *connection) Templates(ctx context.Context, kind channel.Kind, _ string) ([]channel.Template, error) {
	if kind != channel.WhatsApp {
		return nil, nil
	}
	var all []channel.Template
	token, number := "", ""
	for range maxPages {
		answer, failed := c.through(ctx, c.sender, func(handler *client.RequestHandler) error {
			params := &content.ListContentAndApprovalsParams{}
			params.SetPageSize(pageSize)
			_, err := content.NewApiService(handler).PageContentAndApprovals(params, token, number)
			return err
		})
		if failed != nil {
			return nil, failed
		}
		if !answer.OK() {
			return nil, c.refusal(answer)
		}
		var read struct {
			Contents []template `json:"contents"`
			Meta     struct {
				Next string `json:"next_page_url"`
			} `json:"meta"`
		}
		if err := json.Unmarshal(answer.Body, &read); err != nil {
			return nil, &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
		}
		for _, one := range read.Contents {
			all = append(all, one.read())
		}
		if token, number = nextOf(read.Meta.Next); token+number == "" || len(read.Contents) == 0 {
			break
		}
	}
	return all, nil
}

func (t template) read() channel.Template {
	told := channel.Template{
		ID: t.SID, Title: cmp.Or(t.Name, t.SID), Language: t.Language, Category: t.Approval.Category, Status: channel.TemplatePending,
	}
	switch strings.ToLower(t.Approval.Status) {
	case "approved":
		told.Status = channel.TemplateApproved
	case "rejected", "paused", "disabled":
		told.Status = channel.TemplateRejected
	}
	for _, form := range slices.Sorted(maps.Keys(t.Types)) {
		told.Body = cmp.Or(told.Body, t.Types[form].Body, t.Types[form].Title)
	}
	for _, name := range channel.TemplateGaps(told.Body) {
		told.Parameters = append(told.Parameters, channel.TemplateParameter{Name: name, Example: t.Variables[name]})
	}
	return told
}
