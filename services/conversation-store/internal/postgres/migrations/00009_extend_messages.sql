-- +goose Up
SET LOCAL lock_timeout = '5s';

ALTER TABLE conversation_messages
	-- Normalised; bcc of outbound messages alone.
	ADD COLUMN cc text[] NOT NULL DEFAULT '{}',
	ADD COLUMN bcc text[] NOT NULL DEFAULT '{}',
	-- Written by a program and not by a person.
	ADD COLUMN automatic boolean NOT NULL DEFAULT false,
	-- The answer to a keyword, which goes to an address that has opted out too.
	ADD COLUMN answers_keyword boolean NOT NULL DEFAULT false,
	-- Body without what it quotes; empty when it quotes nothing.
	ADD COLUMN reply_body text NOT NULL DEFAULT '',
	-- As the provider counted; 0 when it does not say.
	ADD COLUMN segments integer NOT NULL DEFAULT 0,
	-- id, language and parameters of an approved template.
	ADD COLUMN template jsonb,
	-- The life of a call, derived from the news in message_events; null on other channels.
	ADD COLUMN call jsonb,
	-- Of a call from us: agent_id, agent_phone, record, announcement.
	ADD COLUMN call_request jsonb,
	-- The provider's id of the message this one answers; empty when it does not say.
	ADD COLUMN reply_to_external_id text NOT NULL DEFAULT '';

ALTER TABLE message_events
	ADD COLUMN segments integer NOT NULL DEFAULT 0,
	-- What the event tells of a call; null when nothing.
	ADD COLUMN call jsonb;

ALTER TABLE raw_payloads
	-- Key in the blob store of a body that is too large for an event; body is then empty.
	ADD COLUMN body_blob_key text NOT NULL DEFAULT '';

ALTER TABLE conversations
	-- The conversation that a stranger to it answered by e-mail, which began this one.
	ADD COLUMN linked_conversation_id uuid,
	-- Whether the channel takes free-form answers for a time only, and until when.
	ADD COLUMN has_window boolean NOT NULL DEFAULT false,
	ADD COLUMN window_expires_at timestamptz,
	ADD FOREIGN KEY (workspace_id, linked_conversation_id) REFERENCES conversations (workspace_id, id)
		ON DELETE SET NULL (linked_conversation_id);
CREATE INDEX conversations_by_link ON conversations (workspace_id, linked_conversation_id)
	WHERE linked_conversation_id IS NOT NULL;
