package record

import eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"

// Template is the template column: which approved template a message was made from.
type Template struct {
	ID         string            `json:"id"`
	Language   string            `json:"language"`
	Parameters map[string]string `json:"parameters,omitempty"`
}

// Proto is the template as facts and answers carry it; nil for none.
func (t *Template) Proto() *eventv1.Template {
	if t == nil {
		return nil
	}
	return &eventv1.Template{Id: t.ID, Language: t.Language, Parameters: t.Parameters}
}
