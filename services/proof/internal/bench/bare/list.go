package bare

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

//go:embed sql/list.sql
var listConversations string

const pageSize = 50

// item is a conversation of the list as the gateway answers it.
type item struct {
	ID      uuid.UUID `json:"id"`
	Channel string    `json:"channel"`
	Status  string    `json:"status"`
	Subject string    `json:"subject,omitempty"`
	Snippet string    `json:"snippet"`
	Contact struct {
		ID      uuid.UUID `json:"id"`
		Name    string    `json:"name"`
		Address string    `json:"address"`
	} `json:"contact"`
	IsUnread        bool       `json:"isUnread"`
	IsStarred       bool       `json:"isStarred"`
	AssignedTo      *uuid.UUID `json:"assignedTo,omitempty"`
	Labels          []string   `json:"labels"`
	Tags            []string   `json:"tags"`
	LastMessageAt   time.Time  `json:"lastMessageAt"`
	LastDirection   string     `json:"lastDirection"`
	LastStatus      string     `json:"lastStatus"`
	SnoozedUntil    *time.Time `json:"snoozedUntil,omitempty"`
	HasWindow       bool       `json:"hasWindow"`
	WindowExpiresAt *time.Time `json:"windowExpiresAt,omitempty"`
	CreatedAt       time.Time  `json:"createdAt"`
	UpdatedAt       time.Time  `json:"updatedAt"`
}

// list answers the newest conversations of a workspace: setting and query in one round trip, rows into structs, structs
// into JSON.
func (p *program) list(w http.ResponseWriter, r *http.Request) {
	items, err := p.conversations(r.Context(), r.URL.Query().Get("workspace"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	text, err := json.Marshal(map[string]any{"items": items})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the caller went away
}

func (p *program) conversations(ctx context.Context, workspace string) ([]item, error) {
	var batch pgx.Batch
	items := make([]item, 0, pageSize)
	batch.Queue("select set_config('app.current_workspace_id', $1, true)", workspace)
	batch.Queue(listConversations, pageSize).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var c item
			if err := rows.Scan(&c.ID, &c.Channel, &c.Status, &c.Subject, &c.Snippet, &c.Contact.ID, &c.Contact.Name,
				&c.Contact.Address, &c.IsUnread, &c.IsStarred, &c.AssignedTo, &c.Labels, &c.Tags, &c.LastMessageAt,
				&c.LastDirection, &c.LastStatus, &c.SnoozedUntil, &c.HasWindow, &c.WindowExpiresAt, &c.CreatedAt,
				&c.UpdatedAt); err != nil {
				return fmt.Errorf("reading a row: %w", err)
			}
			items = append(items, c)
		}
		return rows.Err() //nolint:wrapcheck // Close says what was being done
	})
	if err := p.readers.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("listing: %w", err)
	}
	return items, nil
}
