package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/galaxyco-ai/conversations/pkg/plan"
)

// ProblemType is the media type of every error (RFC 9457).
const ProblemType = "application/problem+json"

// Codes of a Problem. They are part of the API: programs decide by them.
const (
	CodeInvalidRequest   = "invalid_request"
	CodeMalformedJSON    = "malformed_json"
	CodeUnauthenticated  = "unauthenticated"
	CodeForbidden        = "forbidden"
	CodeCrossOrigin      = "cross_origin"
	CodeNotFound         = "not_found"
	CodeMethodNotAllowed = "method_not_allowed"
	CodeConflict         = "conflict"
	CodeTooLarge         = "payload_too_large"
	CodeUnsupportedType  = "unsupported_media_type"
	CodeBadRange         = "range_not_satisfiable"
	CodeUpgradeRequired  = "upgrade_required"
	CodeTimeout          = "request_timeout"
	CodeRateLimited      = "rate_limited"
	CodeNotConfigured    = "channel_not_configured"
	CodeFileRefused      = "file_refused"
	CodeWindowClosed     = "window_closed"
	CodeOptedOut         = "opted_out"
	CodeSuppressed       = "suppressed"
	CodeNoAgentPhone     = "agent_phone_missing"
	CodeAccountRefused   = "account_refused"
	CodeOwnAccountsOff   = "own_accounts_off"
	CodeQuotaExceeded    = "quota_exceeded"
	CodeKeyReused        = "idempotency_key_reused"
	CodeKeyInProgress    = "idempotency_in_progress"
	CodeUnavailable      = "unavailable"
	CodeStoreUnavailable = "store_unavailable"
	CodeInternal         = "internal"
)

// Problem is the body of every error.
type Problem struct { //nolint:errname // the word of RFC 9457, and the name of the schema
	Type   string         `json:"type" doc:"about:blank: the code says what it is." example:"about:blank"`
	Title  string         `json:"title" doc:"The text of the HTTP status."`
	Status int            `json:"status"`
	Code   string         `json:"code" doc:"Stable name of the problem, for programs." example:"invalid_request"`
	Detail string         `json:"detail" doc:"One sentence for a person."`
	Errors []ProblemField `json:"errors,omitempty" nullable:"false" doc:"What is wrong with which field."`
	Remedy string         `json:"remedy,omitempty" doc:"What a person can do, in one sentence."`
	// Consent is set with the codes opted_out and suppressed.
	Consent *Consent `json:"consent,omitempty" doc:"Who does not want to be written to, since when and why."`

	// Quota is set with the code quota_exceeded.
	Quota *ExceededQuota `json:"quota,omitempty" doc:"Which limit is reached."`

	header http.Header
}

// ExceededQuota is the limit that a message would go over.
type ExceededQuota struct {
	Meter    string    `json:"meter" enum:"email,sms,mms,whatsapp,call_minute,recording"`
	Limit    int64     `json:"limit" doc:"What the plan includes in the period."`
	Used     int64     `json:"used" doc:"What is used or on its way."`
	Units    int64     `json:"units" doc:"What the message would take."`
	Period   string    `json:"period" example:"2026-11"`
	ResetsAt time.Time `json:"resetsAt"`
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

// NewProblem makes a problem without fields.
func NewProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// invalid is a 422 about one field of the body.
func invalid(field, message string) *Problem {
	problem := NewProblem(http.StatusUnprocessableEntity, CodeInvalidRequest, field+": "+message)
	problem.Errors = []ProblemField{{Location: "body." + field, Field: field, Message: message}}
	return problem
}

func notFound() *Problem {
	return NewProblem(http.StatusNotFound, CodeNotFound, "There is nothing here under this id.")
}

func unauthenticated() *Problem {
	problem := NewProblem(http.StatusUnauthorized, CodeUnauthenticated, "Log in, or send a valid API key.")
	return problem.withHeader("WWW-Authenticate", `Bearer realm="conversations"`)
}

func forbidden(detail string) *Problem {
	return NewProblem(http.StatusForbidden, CodeForbidden, detail)
}

// quotaExceeded refuses what a workspace's plan does not allow.
func quotaExceeded(exceeded *plan.ExceededError) *Problem {
	problem := NewProblem(http.StatusPaymentRequired, CodeQuotaExceeded, sentence(exceeded.Error()))
	problem.Remedy = exceeded.Remedy()
	problem.Quota = &ExceededQuota{
		Meter: string(exceeded.Meter), Limit: exceeded.Limit, Used: exceeded.Used, Units: exceeded.Units,
		Period: exceeded.Period.String(), ResetsAt: exceeded.Period.End().UTC(),
	}
	return problem
}

// unavailable is a 503 that says when to come back.
func unavailable(code, detail string, after time.Duration) *Problem {
	return NewProblem(http.StatusServiceUnavailable, code, detail).withRetryAfter(after)
}

// as gives a problem another code.
func (p *Problem) as(code string) *Problem {
	p.Code = code
	return p
}

func (p *Problem) withHeader(name, value string) *Problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(name, value)
	return p
}

func (p *Problem) withRetryAfter(after time.Duration) *Problem {
	seconds := int64((after + time.Second - 1) / time.Second)
	return p.withHeader("Retry-After", strconv.FormatInt(max(seconds, 1), 10))
}
