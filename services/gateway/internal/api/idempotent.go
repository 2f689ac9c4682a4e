package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/galaxyco-ai/conversations/services/gateway/internal/idempotency"
)

// Idempotent is embedded by the input of every mutating operation.
type Idempotent struct {
	IdempotencyKey string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[ -~]+$" doc:"A repetition is answered with the first answer, for 24 hours."`
}

func (i *Idempotent) idempotencyKey() string { return i.IdempotencyKey }

// Replayable is embedded by the output of every mutating operation.
type Replayable struct {
	Replayed string `header:"Idempotency-Replayed" json:"-" doc:"true when this is the first answer again."`
}

func (r *Replayable) markReplayed() { r.Replayed = "true" }

type idempotentInput[I any] interface {
	*I
	idempotencyKey() string
}

type replayableOutput[O any] interface {
	*O
	markReplayed()
}

// register adds an operation; its errors become problems.
func register[I, O any](a *API, operation huma.Operation, handle func(context.Context, *I) (*O, error)) {
	huma.Register(a.huma, operation, func(ctx context.Context, input *I) (*O, error) {
		output, err := handle(ctx, input)
		if err != nil {
			return nil, a.problemOf(ctx, err)
		}
		return output, nil
	})
}

// registerOnce adds an operation that works once for each Idempotency-Key. Without a key it works each time.
func registerOnce[I, O any, PI idempotentInput[I], PO replayableOutput[O]](
	a *API, operation huma.Operation, handle func(context.Context, *I) (*O, error),
) {
	register(a, operation, func(ctx context.Context, input *I) (*O, error) {
		return once[O, PO](ctx, a, operation.OperationID, PI(input).idempotencyKey(), input, func(ctx context.Context) (*O, error) {
			return handle(ctx, input)
		})
	})
}

// once works once for a key, and for one that is empty each time. input is what tells two requests apart.
func once[O any, PO replayableOutput[O]](
	ctx context.Context, a *API, operationID, key string, input any, handle func(context.Context) (*O, error),
) (*O, error) {
	if key == "" {
		return handle(ctx)
	}
	hash, err := hashOf(operationID, input)
	if err != nil {
		return nil, err
	}
	request := idempotency.Request{Workspace: principalOf(ctx).Workspace, Key: key, Hash: hash}
	var fresh *O
	answer, replayed, err := a.deps.Answers.Do(ctx, request, func(ctx context.Context, resourceID string) ([]byte, error) {
		output, err := handle(context.WithValue(ctx, resourceKey{}, resourceID))
		if err != nil {
			return nil, err
		}
		fresh = output
		return rememberable(output)
	}, isRefusal)
	if err != nil || !replayed {
		return fresh, err
	}
	output := new(O)
	if err := json.Unmarshal(answer, output); err != nil {
		return nil, fmt.Errorf("reading a remembered answer: %w", err)
	}
	PO(output).markReplayed()
	return output, nil
}

// rememberable is an answer as it may be kept: without a secret.
func rememberable(output any) ([]byte, error) {
	if secretive, ok := output.(interface{ withoutSecret() any }); ok {
		output = secretive.withoutSecret()
	}
	return json.Marshal(output)
}

// isRefusal tells that the request itself is wrong, so that its key may be used for a corrected one.
func isRefusal(err error) bool {
	problem, _ := translate(err)
	return problem.Status < http.StatusInternalServerError
}

func hashOf(operation string, input any) ([]byte, error) {
	text, err := json.Marshal(input)
	if err != nil {
		return nil, fmt.Errorf("hashing a request: %w", err)
	}
	sum := sha256.Sum256(append([]byte(operation+"\n"), text...))
	return sum[:], nil
}

// resourceKey carries the id a repeated request uses again.
type resourceKey struct{}

// resourceID is the id for what the request makes: the remembered one, else a fresh one.
func resourceID(ctx context.Context, fresh func() string) string {
	if id, ok := ctx.Value(resourceKey{}).(string); ok {
		return id
	}
	return fresh()
}
