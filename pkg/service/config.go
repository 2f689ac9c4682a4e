package service

import (
	"encoding"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
)

const masked = "********"

// Load reads a configuration from an environment and returns every problem at once.
func Load[C any](environ map[string]string) (C, []error) {
	cfg, err := env.ParseAsWithOptions[C](env.Options{Environment: environ})
	var problems []error
	if err != nil {
		problems = append(problems, parts(err)...)
	}
	if embedding, ok := any(&cfg).(holder); ok {
		if err := new(slog.Level).UnmarshalText([]byte(embedding.base().LogLevel)); err != nil {
			problems = append(problems, fmt.Errorf("reading CONVERSATIONS_LOG_LEVEL: %w", err))
		}
	}
	if validator, ok := any(&cfg).(interface{ Validate() error }); ok {
		if err := validator.Validate(); err != nil {
			problems = append(problems, parts(err)...)
		}
	}
	return cfg, problems
}

// parts takes a joined error apart.
func parts(err error) []error {
	if aggregate, ok := errors.AsType[env.AggregateError](err); ok {
		return aggregate.Errors
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

type setting struct{ name, value string }

// settingsOf lists the variables of a configuration with their effective values. A field tagged `secret:"true"` is
// masked, and so is the password of a URL.
func settingsOf(cfg any) []setting {
	return collect(nil, "", reflect.Indirect(reflect.ValueOf(cfg)))
}

func collect(found []setting, prefix string, value reflect.Value) []setting {
	for field, content := range value.Fields() {
		if !field.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",") // options such as required follow the name
		switch {
		case name != "":
			secret := field.Tag.Get("secret") == "true"
			found = append(found, setting{prefix + name, display(content, secret)})
		case content.Kind() == reflect.Struct:
			found = collect(found, prefix+field.Tag.Get("envPrefix"), content)
		}
	}
	return found
}

func display(value reflect.Value, secret bool) string {
	text := fmt.Sprint(value.Interface())
	if marshaler, ok := reflect.TypeAssert[encoding.TextMarshaler](value); ok {
		if marshaled, err := marshaler.MarshalText(); err == nil {
			text = string(marshaled)
		}
	}
	if secret && text != "" {
		return masked
	}
	if parsed, err := url.Parse(text); err == nil && parsed.User != nil {
		return parsed.Redacted()
	}
	return text
}
