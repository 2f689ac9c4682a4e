package storetest

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
)

//go:embed sql/conversations.sql
var insertConversations string

// Workspace is a workspace with one user and a channel account for text messages and one for e-mail.
type Workspace struct {
	pgtest.Workspace

	store *Store
}

// NewWorkspace makes a Workspace.
func (s *Store) NewWorkspace(tb testing.TB) *Workspace {
	tb.Helper()
	return &Workspace{Workspace: pgtest.NewWorkspace(tb, s.DB), store: s}
}

// Conversation is a conversation of one inbound message. What is empty gets a default.
type Conversation struct {
	ID         uuid.UUID  `json:"id"`
	Contact    uuid.UUID  `json:"contact"`
	Message    uuid.UUID  `json:"message"`
	Channel    string     `json:"channel"`
	Peer       string     `json:"peer"`
	Name       string     `json:"name"`
	Status     string     `json:"status"`
	Subject    string     `json:"subject"`
	Body       string     `json:"body"`
	Unread     bool       `json:"unread"`
	Starred    bool       `json:"starred"`
	AssignedTo *uuid.UUID `json:"assigned_to"`
	Labels     []string   `json:"labels"`
	At         time.Time  `json:"at"`
}

// Add writes the conversations and returns them with their defaults filled in.
func (w *Workspace) Add(tb testing.TB, conversations ...Conversation) []Conversation {
	tb.Helper()
	for i := range conversations {
		c := &conversations[i]
		c.ID, c.Contact, c.Message = orNew(c.ID), orNew(c.Contact), orNew(c.Message)
		c.Channel, c.Peer = cmp.Or(c.Channel, "sms"), cmp.Or(c.Peer, "peer-"+c.ID.String())
		c.Status, c.Body = cmp.Or(c.Status, "active"), cmp.Or(c.Body, "hello")
		if c.Labels == nil {
			c.Labels = []string{}
		}
		if c.At.IsZero() {
			c.At = time.Now().UTC().Truncate(time.Microsecond)
		}
	}
	rows, err := json.Marshal(conversations)
	require.NoError(tb, err)
	w.store.Exec(tb, insertConversations,
		pgx.NamedArgs{"workspace": w.ID.UUID(), "sms": w.SMS, "email": w.Email, "rows": rows})
	return conversations
}

func orNew(id uuid.UUID) uuid.UUID {
	if id == uuid.Nil {
		return uuid.New()
	}
	return id
}
