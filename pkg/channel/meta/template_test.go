package meta_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

const templates = `{"data":[
	{"name":"order_shipped","language":"en_US","status":"APPROVED","category":"UTILITY","id":"1","components":[
		{"type":"HEADER","format":"TEXT","text":"Order {{1}}","example":{"header_text":["A-7"]}},
		{"type":"BODY","text":"Hello {{1}}, it arrives on {{2}}.","example":{"body_text":[["Ana","Tuesday"]]}},
		{"type":"FOOTER","text":"Example"},
		{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Thanks"},{"type":"URL","text":"Track","url":"https://example.com/{{1}}"}]}]},
	{"name":"picture","language":"de","status":"PAUSED","category":"MARKETING","components":[
		{"type":"HEADER","format":"IMAGE"},
		{"type":"BODY","text":"Hallo {{name}}","example":{"body_text_named_params":[{"param_name":"name","example":"Ana"}]}}]},
	{"name":"new","language":"en","status":"PENDING","components":[{"type":"BODY","text":"Plain"},{"type":"CAROUSEL"}]}],
	"paging":{"cursors":{"after":"x"}}}`

func TestTemplates(t *testing.T) {
	t.Parallel()
	at := channeltest.Answering(t, channeltest.Reply{Status: 200, Body: templates})
	templater, ok := connect(t, at.URL).(channel.Templater)
	require.True(t, ok)
	got, err := templater.Templates(t.Context(), channel.WhatsApp, number)
	require.NoError(t, err)
	require.Equal(t, "/v23.0/"+account+"/message_templates", at.Requests()[0].URL.Path)
	require.Len(t, at.Requests(), 1, "there is no page after the last")
	require.Equal(t, []channel.Template{
		{
			ID: "order_shipped", Title: "order_shipped", Language: "en_US", Category: "UTILITY", Status: channel.TemplateApproved,
			Body: "Order {{header.1}}\n\nHello {{1}}, it arrives on {{2}}.\n\nExample",
			Parameters: []channel.TemplateParameter{
				{Name: "header.1", Example: "A-7"}, {Name: "1", Example: "Ana"}, {Name: "2", Example: "Tuesday"}, {Name: "button.1", Example: "Track"},
			},
		},
		{
			ID: "picture", Title: "picture", Language: "de", Category: "MARKETING", Status: channel.TemplateRejected, Body: "Hallo {{name}}",
			Parameters: []channel.TemplateParameter{{Name: "header.image"}, {Name: "name", Example: "Ana"}},
		},
		{ID: "new", Title: "new", Language: "en", Status: channel.TemplatePending, Body: "Plain"},
	}, got)
	require.Equal(t, "Order A-8\n\nHello Bo, it arrives on Friday.\n\nExample",
		got[0].Render(map[string]string{"header.1": "A-8", "1": "Bo", "2": "Friday"}))

	none, err := templater.Templates(t.Context(), channel.SMS, number)
	require.NoError(t, err)
	require.Empty(t, none)
	refused, ok := connect(t, channeltest.Answering(t, testCase().Check.WrongKey).URL).(channel.Templater)
	require.True(t, ok)
	_, err = refused.Templates(t.Context(), channel.WhatsApp, number)
	require.Equal(t, channel.Auth, channel.ClassOf(err))
}

func TestSend_a_template(t *testing.T) {
	t.Parallel()
	made := func(use channel.TemplateUse) string {
		message := outbound()
		message.Template = &use
		raw, err := json.Marshal(sent(t, message).Template)
		require.NoError(t, err)
		return string(raw)
	}

	t.Run("numbered gaps are filled in their order, each in its part", func(t *testing.T) {
		t.Parallel()
		parameters := map[string]string{"header.1": "H", "button.1": "a/b"}
		for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"} {
			parameters[n] = "v" + n
		}
		require.JSONEq(t, `{"name":"order_shipped","language":{"code":"en_US"},"components":[
			{"type":"header","parameters":[{"type":"text","text":"H"}]},
			{"type":"body","parameters":[{"type":"text","text":"v1"},{"type":"text","text":"v2"},{"type":"text","text":"v3"},
				{"type":"text","text":"v4"},{"type":"text","text":"v5"},{"type":"text","text":"v6"},{"type":"text","text":"v7"},
				{"type":"text","text":"v8"},{"type":"text","text":"v9"},{"type":"text","text":"v10"}]},
			{"type":"button","sub_type":"url","index":"1","parameters":[{"type":"text","text":"a/b"}]}]}`,
			made(channel.TemplateUse{ID: "order_shipped", Language: "en_US", Parameters: parameters}))
	})

	t.Run("gaps with names are called by them, and a header may be a picture", func(t *testing.T) {
		t.Parallel()
		require.JSONEq(t, `{"name":"picture","language":{"code":"de"},"components":[
			{"type":"header","parameters":[{"type":"image","image":{"link":"https://files.example.test/p"}}]},
			{"type":"body","parameters":[{"type":"text","text":"Ana","parameter_name":"name"}]}]}`,
			made(channel.TemplateUse{
				ID: "picture", Language: "de", Parameters: map[string]string{"header.image": "https://files.example.test/p", "name": "Ana"},
			}))
	})

	t.Run("without gaps there are no parts", func(t *testing.T) {
		t.Parallel()
		require.JSONEq(t, `{"name":"new","language":{"code":"en"}}`, made(channel.TemplateUse{ID: "new", Language: "en"}))
	})
}
