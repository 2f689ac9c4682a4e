package project

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

var (
	//go:embed sql/aliases.sql
	selectAliases string
	//go:embed sql/insert_aliases.sql
	insertAliases string
	//go:embed sql/known_addresses.sql
	selectAddresses string
)

// aliasRow is a row of conversation_aliases to be: another address of a customer, by the conversation derived from it.
type aliasRow struct {
	message *message
	id      uuid.UUID
	address string
}

// unite leads each message to the one conversation of a customer who is known by several addresses, whichever of them
// was derived from. A conversation of the very id stays what it is.
func (w *work) unite(ctx context.Context, tx postgres.ChangeTx) error {
	var found []*message
	for _, m := range w.messages {
		if m.kind == channel.WhatsApp || m.kind == channel.Social {
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		return nil
	}
	targets, err := readAliases(ctx, tx, found)
	if err != nil {
		return err
	}
	contacts, err := readContacts(ctx, tx, found)
	if err != nil {
		return err
	}
	for _, m := range found {
		m.conversation = targets.of(m)
		targets.learn(m)
		contacts.introduce(m)
	}
	return nil
}

// targets leads from the id of a conversation that was derived from an address to the conversation.
type targets map[record.Key]uuid.UUID

func readAliases(ctx context.Context, tx postgres.ChangeTx, messages []*message) (targets, error) {
	var workspaces, ids []uuid.UUID
	for _, m := range messages {
		workspaces, ids = append(workspaces, m.workspace.UUID()), append(ids, m.conversation)
		for _, row := range m.aliasRows() {
			workspaces, ids = append(workspaces, m.workspace.UUID()), append(ids, row.id)
		}
	}
	rows, err := tx.Query(ctx, selectAliases, workspaces, ids)
	if err != nil {
		return nil, fmt.Errorf("reading aliases: %w", err)
	}
	known := targets{}
	var key record.Key
	var conversationID uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&key.Workspace, &key.ID, &conversationID}, func() error {
		known[key] = conversationID
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading aliases: %w", err)
	}
	return known, nil
}

func (t targets) of(m *message) uuid.UUID {
	if target, ok := t[m.thread()]; ok {
		return target
	}
	for _, row := range m.aliasRows() {
		if target, ok := t[record.Key{Workspace: m.workspace.UUID(), ID: row.id}]; ok {
			return target
		}
	}
	return m.conversation
}

func (t targets) learn(m *message) {
	t[m.thread()] = m.conversation
	for _, row := range m.aliasRows() {
		key := record.Key{Workspace: m.workspace.UUID(), ID: row.id}
		if _, ok := t[key]; !ok {
			t[key] = m.conversation
		}
	}
}

// aliasRows are the peer's addresses when there are several; none otherwise.
func (m *message) aliasRows() []aliasRow {
	if len(m.aliases) == 0 {
		return nil
	}
	rows := make([]aliasRow, 0, len(m.aliases)+1)
	for _, address := range append([]string{m.peer}, m.aliases...) {
		id := parsed(conversation.DeriveID(m.workspace, m.kind, m.account.String(), address))
		rows = append(rows, aliasRow{m, id, address})
	}
	return rows
}

// place is an address of a channel in a workspace.
type place struct {
	workspace uuid.UUID
	kind      channel.Kind
	address   string
}

// contacts leads from an address to the person behind it.
type contacts map[place]uuid.UUID

func readContacts(ctx context.Context, tx postgres.ChangeTx, messages []*message) (contacts, error) {
	var places []place
	for _, m := range messages {
		for _, row := range m.aliasRows() {
			places = append(places, place{m.workspace.UUID(), m.kind, row.address})
		}
	}
	known := contacts{}
	if len(places) == 0 {
		return known, nil
	}
	rows, err := tx.Query(ctx, selectAddresses,
		column(places, func(p place) uuid.UUID { return p.workspace }),
		column(places, func(p place) string { return string(p.kind) }),
		column(places, func(p place) string { return p.address }))
	if err != nil {
		return nil, fmt.Errorf("reading addresses: %w", err)
	}
	var at place
	var contact uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&at.workspace, &at.kind, &at.address, &contact}, func() error {
		known[at] = contact
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading addresses: %w", err)
	}
	return known, nil
}

// introduce makes all addresses of a message those of one person: of who is known by any of them.
func (c contacts) introduce(m *message) {
	addresses := append([]string{m.peer}, m.aliases...)
	for _, address := range addresses {
		if contact, ok := c[place{m.workspace.UUID(), m.kind, address}]; ok {
			m.contact = contact
			break
		}
	}
	for _, address := range addresses {
		at := place{m.workspace.UUID(), m.kind, address}
		if _, ok := c[at]; !ok {
			c[at] = m.contact
		}
	}
}
