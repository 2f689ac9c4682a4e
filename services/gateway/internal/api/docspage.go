package api

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs
var docs embed.FS

// The page is plain HTML made once from the document: no script, nothing from another host.
type docsPage struct {
	Title      string
	Paragraphs []string
	Tags       []docsTag
	Shapes     []docsShape
}

type docsTag struct {
	Name, Description string
	Operations        []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, Body string
	Public                          bool
	Paragraphs                      []string
	Parameters                      []docsField
	Answers                         []docsAnswer
}

type docsField struct {
	Name, In, Type, Text string
	Required             bool
}

type docsAnswer struct{ Status, Shape, Text string }

type docsShape struct {
	Name   string
	Fields []docsField
}

// registerPage serves the document as a page.
func (a *API) registerPage(document *huma.OpenAPI) error {
	parsed, err := template.ParseFS(docs, "docs/page.html")
	if err != nil {
		return fmt.Errorf("reading the page of the document: %w", err)
	}
	var page bytes.Buffer
	if err := parsed.Execute(&page, pageOf(document)); err != nil {
		return fmt.Errorf("writing the page of the document: %w", err)
	}
	style, err := docs.ReadFile("docs/style.css")
	if err != nil {
		return fmt.Errorf("reading the style of the document: %w", err)
	}
	a.mux.HandleFunc("GET /api/docs", static("text/html; charset=utf-8", page.Bytes()))
	a.mux.HandleFunc("GET /api/docs/style.css", static("text/css; charset=utf-8", style))
	return nil
}

// static serves bytes that change only with the program. The page may use its own style sheet and nothing else.
func static(contentType string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		_, _ = w.Write(content) // the caller went away
	}
}

func pageOf(document *huma.OpenAPI) docsPage {
	page := docsPage{Title: document.Info.Title, Paragraphs: paragraphs(document.Info.Description)}
	for _, tag := range document.Tags {
		page.Tags = append(page.Tags, docsTag{
			Name: tag.Name, Description: tag.Description, Operations: operationsOf(document, tag.Name),
		})
	}
	schemas := document.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		page.Shapes = append(page.Shapes, docsShape{Name: name, Fields: fieldsOf(schemas[name])})
	}
	return page
}

func operationsOf(document *huma.OpenAPI, tag string) []docsOperation {
	var operations []docsOperation
	for _, item := range document.Paths {
		for _, operation := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if operation != nil && slices.Contains(operation.Tags, tag) {
				operations = append(operations, operationOf(operation))
			}
		}
	}
	slices.SortFunc(operations, func(a, b docsOperation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return operations
}

func operationOf(operation *huma.Operation) docsOperation {
	shown := docsOperation{
		ID: operation.OperationID, Method: operation.Method, Path: operation.Path, Summary: operation.Summary,
		Public: len(operation.Security) == 0, Paragraphs: paragraphs(operation.Description),
	}
	for _, parameter := range operation.Parameters {
		shown.Parameters = append(shown.Parameters, docsField{
			Name: parameter.Name, In: parameter.In, Type: typeOf(parameter.Schema), Text: parameter.Description,
		})
	}
	if operation.RequestBody != nil {
		shown.Body = shapeOf(operation.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(operation.Responses)) {
		response := operation.Responses[status]
		shown.Answers = append(shown.Answers, docsAnswer{
			Status: status, Shape: shapeOf(response.Content), Text: response.Description,
		})
	}
	return shown
}

func fieldsOf(schema *huma.Schema) []docsField {
	fields := make([]docsField, 0, len(schema.Properties))
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name]
		fields = append(fields, docsField{
			Name: name, Type: typeOf(property), Text: property.Description, Required: slices.Contains(schema.Required, name),
		})
	}
	return fields
}

func shapeOf(content map[string]*huma.MediaType) string {
	for _, media := range content {
		if media.Schema != nil {
			return refName(media.Schema.Ref)
		}
	}
	return ""
}

func typeOf(schema *huma.Schema) string {
	switch {
	case schema.Ref != "":
		return refName(schema.Ref)
	case schema.Type == huma.TypeArray:
		return "list of " + typeOf(schema.Items)
	case len(schema.Enum) > 0:
		return strings.Join(mapped(schema.Enum, func(value any) string { return fmt.Sprint(value) }), " | ")
	case schema.Format != "" && schema.Format != "int64":
		return schema.Format
	default:
		return schema.Type
	}
}

func refName(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func paragraphs(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.ReplaceAll(text, "`", ""), "\n\n")
}
