package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/file"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/idempotency"
)

const (
	retryBusy  = time.Second
	retryStore = 2 * time.Second
	retryFull  = 30 * time.Second
)

// problemOf is the one place where an error becomes an answer. A stranger is logged and answered without its cause.
func (a *API) problemOf(ctx context.Context, err error) *Problem {
	problem, known := translate(err)
	if !known || errors.Is(err, bus.ErrStreamFull) || errors.Is(err, file.ErrUnavailable) {
		a.deps.Logger.ErrorContext(ctx, "request failed", slog.Any("err", err))
	}
	return problem
}

// translate is false for an error that nobody foresaw.
func translate(err error) (*Problem, bool) {
	if problem, ok := errors.AsType[*Problem](err); ok {
		return problem, true
	}
	if refused, ok := errors.AsType[*bus.AskError](err); ok {
		return refusedQuestion(refused)
	}
	if exceeded, ok := errors.AsType[*plan.ExceededError](err); ok {
		return quotaExceeded(exceeded), true
	}
	switch {
	case errors.Is(err, bus.ErrBusy):
		return unavailable(CodeUnavailable, "Too much is being sent at once.", retryBusy), true
	case errors.Is(err, bus.ErrStreamFull):
		return unavailable(CodeUnavailable, "The system accepts nothing more for now.", retryFull), true
	case errors.Is(err, bus.ErrTooLarge):
		return NewProblem(http.StatusRequestEntityTooLarge, CodeTooLarge, "The message is too large."), true
	case errors.Is(err, idempotency.ErrReused):
		return NewProblem(http.StatusUnprocessableEntity, CodeKeyReused, "This Idempotency-Key was used with another request.").
			at("header.Idempotency-Key", "was used with another request"), true
	case errors.Is(err, idempotency.ErrInProgress):
		return NewProblem(http.StatusConflict, CodeKeyInProgress, "The first request with this Idempotency-Key is still under way.").
			withRetryAfter(retryBusy), true
	case errors.Is(err, file.ErrUnavailable):
		return unavailable(CodeUnavailable, "The file cannot be read right now.", retryStore), true
	case errors.Is(err, bus.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return unavailable(CodeUnavailable, "The system is not available right now.", retryStore), true
	default:
		return internalProblem(), false
	}
}

func internalProblem() *Problem {
	return NewProblem(http.StatusInternalServerError, CodeInternal, "Something went wrong on our side. It has been recorded.")
}

// refusedQuestion turns the store's refusal into a problem.
func refusedQuestion(refused *bus.AskError) (*Problem, bool) {
	location := locate(refused.Field)
	switch refused.Code {
	case bus.CodeNotFound:
		return notFound(), true
	case bus.CodeInvalid:
		return NewProblem(http.StatusUnprocessableEntity, CodeInvalidRequest, refused.Message).at(location, refused.Message), true
	case bus.CodeConflict:
		return NewProblem(http.StatusConflict, CodeConflict, refused.Message).at(location, refused.Message), true
	case bus.CodeUnauthenticated:
		return NewProblem(http.StatusUnauthorized, CodeUnauthenticated, refused.Message), true
	case bus.CodeUnavailable:
		return storeUnavailable(), true
	default:
		return internalProblem(), false
	}
}

func storeUnavailable() *Problem {
	return unavailable(CodeStoreUnavailable, "Reading and changing is not available right now; sending is.", retryStore)
}

// at names the place that is wrong; an empty location names none.
func (p *Problem) at(location, message string) *Problem {
	if location != "" {
		p.Errors = append(p.Errors, ProblemField{Location: location, Field: fieldOf(location), Message: message})
	}
	return p
}

// locate is where the store's field stands in the body.
func locate(field string) string {
	if field == "" {
		return ""
	}
	return "body." + field
}

func fieldOf(location string) string {
	return location[strings.LastIndexByte(location, '.')+1:]
}

// ours replaces the library's error model, which repeats what was sent, passwords included.
func ours(named *regexp.Regexp) huma.Transformer {
	return func(_ huma.Context, _ string, body any) (any, error) {
		model, ok := body.(*huma.ErrorModel)
		if !ok {
			return body, nil
		}
		problem := NewProblem(model.Status, codeOf(model), sentence(model.Detail))
		for _, detail := range model.Errors {
			if detail == nil {
				continue
			}
			location := detail.Location
			if found := named.FindStringSubmatch(detail.Message); found != nil {
				location += "." + found[1]
			}
			problem = problem.at(location, detail.Message)
		}
		if len(problem.Errors) > 0 {
			problem.Detail = problem.Errors[0].Location + ": " + problem.Errors[0].Message
		}
		return problem, nil
	}
}

// namedProperty matches how a message says that a property is not there or should not be.
func namedProperty() *regexp.Regexp {
	return regexp.MustCompile(`^(?:expected required property|unexpected property) (\S+)`)
}

func codeOf(model *huma.ErrorModel) string {
	switch model.Status {
	case http.StatusBadRequest:
		if len(model.Errors) > 0 && model.Errors[0] != nil && model.Errors[0].Location == "body" {
			return CodeMalformedJSON
		}
		return CodeInvalidRequest
	case http.StatusRequestEntityTooLarge:
		return CodeTooLarge
	case http.StatusUnsupportedMediaType:
		return CodeUnsupportedType
	case http.StatusRequestTimeout:
		return CodeTimeout
	case http.StatusInternalServerError:
		return CodeInternal
	default:
		return CodeInvalidRequest
	}
}

func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// WriteProblem answers with a problem outside of the operations.
func WriteProblem(w http.ResponseWriter, problem *Problem) {
	maps.Copy(w.Header(), problem.header)
	w.Header().Set("Content-Type", ProblemType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(problem.Status)
	_ = json.NewEncoder(w).Encode(problem) // the caller went away
}

// Failed answers for a handler that failed in a way nobody foresaw.
func Failed(w http.ResponseWriter, _ *http.Request) { WriteProblem(w, internalProblem()) }
