package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// jsonFormat is JSON whose property names are compared exactly. The standard decoder, and the library's validation with
// it, takes "Body" for "body", and so would let a value past validation under a second spelling.
func jsonFormat(marshal func(w io.Writer, v any) error) huma.Format {
	var known sync.Map // of the names of a type
	unmarshal := func(data []byte, into any) error {
		target := reflect.TypeOf(into).Elem()
		if !isSpelledPlainly(data, target, &known) {
			if err := checkSpelling(data, target); err != nil {
				return err
			}
		}
		return json.Unmarshal(data, into)
	}
	return huma.Format{Marshal: marshal, Unmarshal: unmarshal}
}

// isSpelledPlainly is true for an object of texts, numbers and the like whose properties all are those of the type, to the
// letter. That is nearly every body; whatever is more, or different, checkSpelling looks at.
func isSpelledPlainly(data []byte, target reflect.Type, known *sync.Map) bool {
	if target.Kind() != reflect.Struct {
		return false
	}
	names, ok := known.Load(target)
	if !ok {
		names, _ = known.LoadOrStore(target, namesOf(target))
	}
	of, _ := names.(map[string]bool)
	rest, ok := bytes.CutPrefix(bytes.TrimSpace(data), []byte("{"))
	for ok {
		var name []byte
		if name, rest, ok = cutString(rest); !ok || !of[string(name)] {
			return false
		}
		if rest, ok = bytes.CutPrefix(bytes.TrimSpace(rest), []byte(":")); !ok {
			return false
		}
		if rest, ok = cutPlain(rest); !ok {
			return false
		}
		if len(rest) > 0 && rest[0] == '}' {
			return len(rest) == 1
		}
		rest, ok = bytes.CutPrefix(rest, []byte(","))
	}
	return false
}

// cutString cuts a string without escapes off.
func cutString(data []byte) (text, rest []byte, ok bool) {
	if data, ok = bytes.CutPrefix(bytes.TrimSpace(data), []byte(`"`)); !ok {
		return nil, nil, false
	}
	end := bytes.IndexByte(data, '"')
	if end < 0 || bytes.IndexByte(data[:end], '\\') >= 0 {
		return nil, nil, false
	}
	return data[:end], data[end+1:], true
}

// cutPlain cuts a value off that holds no other, up to what comes behind it.
func cutPlain(data []byte) (rest []byte, ok bool) {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '"' {
		end := endOfString(data)
		return bytes.TrimSpace(data[end:]), true
	}
	end := bytes.IndexAny(data, ",}[{\"")
	if end < 0 {
		return nil, false
	}
	return data[end:], true // a bracket ends it: what comes behind it is neither of the two that may
}

// endOfString is behind the closing quote of a string, or the end when there is none.
func endOfString(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

func namesOf(target reflect.Type) map[string]bool {
	names := map[string]bool{}
	if reflect.PointerTo(target).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return names
	}
	for _, field := range reflect.VisibleFields(target) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}

// checkSpelling compares the properties of an object, and of the objects in it, with those of the type. The types are
// ours, so that it goes no deeper than they do.
func checkSpelling(data []byte, target reflect.Type) error {
	switch {
	case target.Kind() == reflect.Pointer:
		return checkSpelling(data, target.Elem())
	case target.Kind() == reflect.Slice && target.Elem().Kind() == reflect.Struct:
		var sent []json.RawMessage
		if err := json.Unmarshal(data, &sent); err != nil {
			return nil //nolint:nilerr // not a list: the validation says so better
		}
		for _, each := range sent {
			if !bytes.HasPrefix(each, []byte("{")) {
				continue
			}
			if err := checkSpelling(each, target.Elem()); err != nil {
				return err
			}
		}
		return nil
	case target.Kind() == reflect.Struct && !reflect.PointerTo(target).Implements(reflect.TypeFor[json.Unmarshaler]()):
		return checkProperties(data, target)
	default:
		return nil
	}
}

func checkProperties(data []byte, target reflect.Type) error {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(data, &sent); err != nil {
		return err
	}
	for _, field := range reflect.VisibleFields(target) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if value := bytes.TrimSpace(sent[name]); bytes.HasPrefix(value, []byte("{")) || bytes.HasPrefix(value, []byte("[")) {
			if err := checkSpelling(value, field.Type); err != nil {
				return err
			}
		}
		delete(sent, name)
	}
	for name := range sent {
		return fmt.Errorf("unexpected property %s", name)
	}
	return nil
}
