package channel

import (
	"net/url"
	"strings"
)

// maxFormValues bounds what is read of a form: the longest webhooks of providers have a hundred values.
const maxFormValues = 4096

// FormValue is one name and value of a form, decoded.
type FormValue struct{ Name, Value string }

// ReadForm reads a form in the order of submission. Unlike url.ParseQuery it refuses nothing, for a signature covers what
// was sent, well-formed or not; what is past a bound is left out, so that no signature over it holds.
func ReadForm(form string) []FormValue {
	values := make([]FormValue, 0, min(strings.Count(form, "&")+1, maxFormValues))
	for field := range strings.SplitSeq(form, "&") {
		if len(values) == maxFormValues {
			break
		}
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		values = append(values, FormValue{Name: unescapeForm(name), Value: unescapeForm(value)})
	}
	return values
}

// FormFields is the first value of each name of a form, as valid text.
func FormFields(form string) map[string]string {
	values := ReadForm(form)
	fields := make(map[string]string, len(values))
	for _, one := range values {
		if _, repeated := fields[one.Name]; !repeated {
			fields[one.Name] = strings.ToValidUTF8(one.Value, "\uFFFD")
		}
	}
	return fields
}

// FirstField is the first of the fields, in the order of the names, that holds something.
func FirstField(fields map[string]string, names ...string) string {
	for _, name := range names {
		if fields[name] != "" {
			return fields[name]
		}
	}
	return ""
}

func unescapeForm(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}
