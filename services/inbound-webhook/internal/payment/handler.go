// Package payment takes Stripe's webhooks: it proves their signature and has conversation-store look at what changed.
// Stripe tries again for three days what is not answered with 2xx.
//
// Source: https://docs.stripe.com/webhooks.
package payment

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

const (
	// maxBody is more than an event has.
	maxBody = 256 << 10
	// askTimeout bounds the question to conversation-store, which asks Stripe.
	askTimeout = 6 * time.Second
)

// Bus asks questions.
type Bus interface {
	Ask(ctx context.Context, subject string, request, response proto.Message) error
}

// Handler takes the webhooks. It is safe for concurrent use.
type Handler struct {
	bus    Bus
	secret string
	logger *slog.Logger
}

// NewHandler makes a Handler. secret is the endpoint's signing secret.
func NewHandler(b Bus, secret string, logger *slog.Logger) *Handler {
	return &Handler{bus: b, secret: secret, logger: logger}
}

// ServeHTTP answers 200 when what changed has been taken notice of, 400 to what is not Stripe's, 503 when it is to come again.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "cut off", http.StatusBadRequest)
		return
	}
	// Of an event only its type and the object's id count, which no version of the API has ever changed.
	told, err := webhook.ConstructEventWithOptions(body, r.Header.Get("Stripe-Signature"), h.secret,
		webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true})
	if err != nil {
		h.logger.WarnContext(r.Context(), "a payment webhook is not genuine", slog.String("remote", r.RemoteAddr))
		http.Error(w, "the signature does not fit", http.StatusBadRequest)
		return
	}
	if err := h.apply(r.Context(), told); err != nil {
		h.logger.WarnContext(r.Context(), "a payment webhook is to come again", slog.String("event", told.ID), slog.Any("err", err))
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (h *Handler) apply(ctx context.Context, told stripe.Event) error {
	if told.Data == nil {
		return nil
	}
	id, _ := told.Data.Object["id"].(string)
	if id == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	request := &storev1.ApplyPaymentEventRequest{Type: string(told.Type), ObjectId: id}
	return h.bus.Ask(ctx, event.AskSubject(workspace.ID{}, "payment", "apply"), request, &storev1.ApplyPaymentEventResponse{})
}

var _ Bus = (*bus.Bus)(nil)
