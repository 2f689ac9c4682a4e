package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

const maxBody = 2 << 20

// problem is an RFC 9457 answer; Field names the part of the request that is wrong.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Field  string `json:"field,omitempty"`
}

func refuse(w http.ResponseWriter, status int, code, field, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problem{ // the caller has gone: nobody is left to tell
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Field: field,
	})
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the caller has gone: nobody is left to tell
}

// decode reads a JSON body of known fields into value, or answers what is wrong with it.
func decode(w http.ResponseWriter, r *http.Request, value any) bool {
	return decodeUpTo(w, r, value, maxBody)
}

func decodeUpTo(w http.ResponseWriter, r *http.Request, value any, most int64) bool {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "unsupported_media_type", "", "The body must be application/json.")
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, most))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(value)
	if err == nil && decoder.More() {
		err = errTrailing
	}
	if err == nil {
		return true
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		refuse(w, http.StatusRequestEntityTooLarge, "too_large", "", fmt.Sprintf("The body is larger than %d MiB.", most>>20))
		return false
	}
	field, detail := explain(err)
	refuse(w, http.StatusBadRequest, "invalid_json", field, detail)
	return false
}

var errTrailing = errors.New("something follows the JSON value")

func explain(err error) (field, detail string) {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrong.Field, fmt.Sprintf("The field %s may not be a %s.", wrong.Field, wrong.Value)
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		name = strings.Trim(name, `"`)
		return name, "There is no field " + name + "."
	}
	if errors.Is(err, io.EOF) {
		return "", "The body is empty."
	}
	return "", "The body is no valid JSON: " + strings.TrimPrefix(err.Error(), "json: ") + "."
}
