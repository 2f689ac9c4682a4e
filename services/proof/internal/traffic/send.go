package traffic

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

const (
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
)

// draft is a message that a workspace wants sent.
type draft struct {
	lane     *lane
	marker   string
	key      string
	turn     int
	attempts int
	file     *file
	template *template
	// again tells that the client repeats the request although it was answered, as one that lost the answer would.
	again bool
}

// file is a file and what it is known by.
type file struct {
	history.File
	content []byte
}

// picture makes a small picture that is like no other.
func picture(marker string) *file {
	sum := sha256.Sum256([]byte(marker))
	canvas := image.NewRGBA(image.Rect(0, 0, 8, 4))
	for at, value := range sum {
		canvas.Set(at%8, at/8, color.RGBA{R: value, G: value, A: 255})
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, canvas); err != nil {
		return nil
	}
	content := encoded.Bytes()
	sum = sha256.Sum256(content)
	return &file{
		File: history.File{Filename: "picture.png", Size: len(content), Sum: hex.EncodeToString(sum[:])}, content: content,
	}
}

func (f *file) upload() map[string]any {
	return map[string]any{
		"filename": f.Filename, "contentType": "image/png", "content": base64.StdEncoding.EncodeToString(f.content),
	}
}

func (f *file) known() []history.File {
	if f == nil {
		return nil
	}
	return []history.File{f.File}
}

func (d *Driver) draft(l *lane) *draft {
	return &draft{lane: l, marker: d.marker(), key: uuid.NewString()}
}

// request is the body of the send, the same each time.
func (m *draft) request() map[string]any {
	request := map[string]any{"channel": m.lane.channel, "to": m.lane.customer}
	switch {
	case m.lane.channel == call:
		request["agentId"] = m.lane.office.user
		return request
	case m.template != nil:
		gaps := map[string]string{}
		for _, name := range m.template.gaps {
			gaps[name] = m.marker
		}
		request["template"] = map[string]any{"id": m.template.ID, "language": m.template.Language, "parameters": gaps}
		return request
	}
	request["body"] = m.marker + " Thank you for your order."
	if m.lane.channel == email {
		request["subject"] = "Your order"
	}
	if m.file != nil {
		request["attachments"] = []any{m.file.upload()}
	}
	return request
}

// send hands a message over, again and again until it is answered; false when ctx ended before.
func (d *Driver) send(ctx context.Context, m *draft) bool {
	request, wait := m.request(), firstPause
	for ctx.Err() == nil {
		m.attempts++
		record := history.Record{
			Kind: history.Send, At: time.Now(), Workspace: m.lane.office.workspace, Channel: m.lane.channel,
			Customer: m.lane.customer, Business: m.lane.office.addresses[m.lane.channel], Marker: m.marker, Key: m.key,
			Attempt: m.attempts, Files: m.file.known(), Lane: m.lane.name(), Turn: m.turn,
		}
		got, err := m.lane.office.call(ctx, http.MethodPost, "/api/communications", request, "Idempotency-Key", m.key)
		record.End, record.Status, record.Outcome = time.Now(), got.status, outcomeOf(got)
		d.note(m.lane.office, &record, got, err)
		if m.again && record.Outcome == history.Accepted {
			m.again = false
			continue
		}
		if record.Outcome != history.Failed {
			return true
		}
		if !pause(ctx, wait) {
			return false
		}
		wait = min(2*wait, longestPause)
	}
	return false
}

// note completes the record of a send and adds it.
func (d *Driver) note(o *office, record *history.Record, got answer, err error) {
	switch {
	case err != nil:
		record.Detail = err.Error()
	case record.Outcome != history.Accepted:
		record.Detail = shorten(string(got.body))
	default:
		var accepted struct{ ID, ConversationID string }
		if err := json.Unmarshal(got.body, &accepted); err != nil {
			record.Detail = "reading the answer: " + err.Error()
		}
		record.ID, record.Conversation = accepted.ID, accepted.ConversationID
		o.messages.add(record.ID)
		o.conversations.add(record.Conversation)
	}
	d.record.Add(*record)
}

// outcomeOf is what an answer means: only one that would be the same again is a refusal.
func outcomeOf(got answer) history.Outcome {
	switch {
	case got.ok():
		return history.Accepted
	case got.status == http.StatusConflict, got.status == http.StatusRequestTimeout, got.status == http.StatusTooManyRequests,
		got.status == http.StatusUnauthorized, got.status < http.StatusBadRequest, got.status >= http.StatusInternalServerError:
		return history.Failed
	default:
		return history.Refused
	}
}

func shorten(text string) string { return text[:min(len(text), 300)] }
