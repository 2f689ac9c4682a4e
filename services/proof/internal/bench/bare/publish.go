package bare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var errNobodyWaits = errors.New("nobody waits for the answer")

// accept reads the form of a webhook, publishes the body as it is, and answers when the stream has it.
func (p *program) accept(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	subject := subjectIn + strings.TrimPrefix(form.Get("To"), "+")
	if err := p.publish(r, subject, form.Get("MessageSid"), body); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// send reads a message to be sent, publishes it, and answers with its id when the stream has it.
func (p *program) send(w http.ResponseWriter, r *http.Request) {
	var message struct {
		ID      string `json:"id"`
		Channel string `json:"channel"`
		To      string `json:"to"`
		Body    string `json:"body"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	id, err := uuid.NewV7()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	message.ID = id.String()
	data, err := json.Marshal(message)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if err := p.publish(r, subjectSend+message.Channel, message.ID, data); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = fmt.Fprintf(w, `{"id":%q,"conversationId":%q,"status":"queued"}`, message.ID, message.ID)
}

func (p *program) publish(r *http.Request, subject, id string, data []byte) error {
	future, err := p.js.PublishMsgAsync(&nats.Msg{Subject: subject, Data: data},
		jetstream.WithMsgID(id), jetstream.WithStallWait(stallWait))
	if err != nil {
		return fmt.Errorf("publishing: %w", err)
	}
	select {
	case <-future.Ok():
		return nil
	case err := <-future.Err():
		return fmt.Errorf("publishing: %w", err)
	case <-r.Context().Done():
		return errNobodyWaits
	}
}
