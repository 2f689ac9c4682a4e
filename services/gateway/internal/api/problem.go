package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// ProblemType is the media type of every error (RFC 9457).
const ProblemType = "application/problem+json"

// Problem is the body of every error.
type Problem struct { //nolint:errname // the word of RFC 9457, and the name of the schema
	Type   string         `json:"type" doc:"about:blank: the code says what it is." example:"about:blank"`
	Title  string         `json:"title" doc:"The text of the HTTP status."`
	Status int            `json:"status"`
	Code   string         `json:"code" doc:"Stable name of the problem, for programs." example:"invalid_request"`
	Detail string         `json:"detail" doc:"One sentence for a person."`
	Errors []ProblemField `json:"errors,omitempty" nullable:"false" doc:"What is wrong with which field."`

	header http.Header
}

// ProblemField says what is wrong with one field.
type ProblemField struct {
	Location string `json:"location" doc:"Where it is, for example body.to or query.limit."`
	Field    string `json:"field" doc:"The name of the field alone, for example to."`
	Message  string `json:"message"`
}

var (
	_ huma.StatusError       = (*Problem)(nil)
	_ huma.HeadersError      = (*Problem)(nil)
	_ huma.ContentTypeFilter = (*Problem)(nil)
)

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType implements huma.ContentTypeFilter.
func (*Problem) ContentType(string) string { return ProblemType }
