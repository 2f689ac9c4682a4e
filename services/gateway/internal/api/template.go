package api

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/route"
)

// maxParameter is the longest value of a parameter, in characters.
const maxParameter = 1024

// TemplateList is every template of the channel's account.
type TemplateList struct {
	Items []Template `json:"items" nullable:"false"`
}

type listTemplatesInput struct {
	Channel string `query:"channel" required:"true" enum:"email,sms,call,whatsapp,social,live_chat"`
}

type listTemplatesOutput struct{ Body TemplateList }

func (a *API) registerTemplates() {
	register(a, with(protected("list-templates", http.MethodGet, "/api/templates", tagMessages, "List templates"), http.StatusOK,
		"What the provider has approved, or not yet, for sending outside the window. Empty on a channel without templates."), a.listTemplates)
}

func (a *API) listTemplates(ctx context.Context, input *listTemplatesInput) (*listTemplatesOutput, error) {
	ws, kind := principalOf(ctx).Workspace, channel.Kind(input.Channel)
	account, ok := a.deps.Routes.Default(ws, kind)
	if !ok {
		return nil, notConfiguredAt("query.channel", kind)
	}
	items := []*senderv1.Template{}
	if a.hasTemplates(account) {
		var err error
		if items, err = a.templates.Newest(ctx, ws, account.AccountID); err != nil {
			return nil, err
		}
	}
	return &listTemplatesOutput{Body: TemplateList{Items: mapped(items, toTemplate)}}, nil
}

// hasTemplates tells whether an account has templates: where there is a window, there are, for what is to be said
// outside it.
func (a *API) hasTemplates(account route.Route) bool {
	_, hasWindow := a.describe(account).Windows[account.Kind]
	return hasWindow
}

// askTemplates asks the sender, which asks the provider.
func (a *API) askTemplates(ctx context.Context, ws workspace.ID, accountID string) ([]*senderv1.Template, error) {
	response := &senderv1.ListTemplatesResponse{}
	request := &senderv1.ListTemplatesRequest{ChannelAccountId: accountID}
	err := a.deps.Bus.Ask(ctx, event.AskSubject(ws, "template", "list"), request, response)
	refused, isRefusal := errors.AsType[*bus.AskError](err)
	if errors.Is(err, bus.ErrUnavailable) || isRefusal && refused.Code == bus.CodeUnavailable {
		return nil, unavailable(CodeUnavailable, "The templates cannot be listed right now. Try again in a moment.", retryStore)
	}
	return response.GetItems(), err
}

// useTemplate finds the template, checks its parameters and renders the text.
func (a *API) useTemplate(ctx context.Context, ws workspace.ID, account route.Route, use *TemplateUse) (*eventv1.Template, string, error) {
	if !a.hasTemplates(account) {
		return nil, "", invalid("template", "this channel has no templates")
	}
	items, err := a.templates.Known(ctx, ws, account.AccountID)
	if err != nil {
		return nil, "", err
	}
	found, err := findTemplate(items, use)
	if err != nil {
		return nil, "", err
	}
	if err := checkParameters(found, use.Parameters); err != nil {
		return nil, "", err
	}
	text := channel.Template{Body: found.GetBody()}.Render(use.Parameters)
	return &eventv1.Template{Id: found.GetId(), Language: found.GetLanguage(), Parameters: use.Parameters}, text, nil
}

// findTemplate finds the template that is meant: the one of the language, or the only approved one.
func findTemplate(items []*senderv1.Template, use *TemplateUse) (*senderv1.Template, error) {
	named := slices.DeleteFunc(slices.Clone(items), func(each *senderv1.Template) bool {
		return each.GetId() != use.ID || use.Language != "" && each.GetLanguage() != use.Language
	})
	approved := slices.DeleteFunc(slices.Clone(named), func(each *senderv1.Template) bool {
		return each.GetStatus() != channel.TemplateApproved
	})
	switch {
	case len(approved) == 1:
		return approved[0], nil
	case len(approved) > 1:
		return nil, invalid("template.language", "is required: the template has several languages")
	case len(named) > 0:
		return nil, invalid("template.id", "is not approved by the provider, it is "+named[0].GetStatus())
	case use.Language != "":
		return nil, invalid("template.id", "names no template in the language "+use.Language)
	default:
		return nil, invalid("template.id", "names no template")
	}
}

// checkParameters wants a value for each parameter and no other.
func checkParameters(found *senderv1.Template, values map[string]string) error {
	names := map[string]bool{}
	for _, parameter := range found.GetParameters() {
		names[parameter.GetName()] = true
		if strings.TrimSpace(values[parameter.GetName()]) == "" {
			return invalid("template.parameters."+parameter.GetName(), "is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch value := values[name]; {
		case !names[name]:
			return invalid("template.parameters", "has no parameter "+strings.ToValidUTF8(name, ""))
		case utf8.RuneCountInString(value) > maxParameter:
			return invalid("template.parameters."+name, "is longer than 1024 characters")
		case !isSpeakable(value):
			return invalid("template.parameters."+name, "holds a control character")
		}
	}
	return nil
}
