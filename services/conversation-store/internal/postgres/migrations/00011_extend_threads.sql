-- +goose Up
SET LOCAL lock_timeout = '5s';

-- A Message-ID that a message refers to is remembered before its own message is seen, if that ever is. The message
-- itself takes the id over.
ALTER TABLE email_references ADD COLUMN is_seen boolean NOT NULL DEFAULT true;
GRANT UPDATE (conversation_id, message_id, is_seen) ON email_references TO conversations_writer;

-- Who was seen in the e-mails of a conversation: only they can write into it.
CREATE TABLE conversation_participants (
	workspace_id uuid NOT NULL,
	conversation_id uuid NOT NULL,
	-- Normalised.
	address text NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id, address),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
SELECT protect_table('conversation_participants', 'workspace_id');
GRANT SELECT, INSERT ON conversation_participants TO conversations_writer;

INSERT INTO conversation_participants (workspace_id, conversation_id, address)
SELECT m.workspace_id, m.conversation_id, party.address
FROM conversation_messages m
CROSS JOIN LATERAL (VALUES (m.from_address), (m.to_address)) AS party (address)
WHERE m.channel = 'email' AND octet_length(party.address) BETWEEN 1 AND 512
ON CONFLICT DO NOTHING;

-- Another address of a customer on a channel, by the id of the conversation that others derive from it: what goes there
-- belongs to conversation_id, unless there is a conversation of that id.
CREATE TABLE conversation_aliases (
	workspace_id uuid NOT NULL,
	id uuid NOT NULL,
	conversation_id uuid NOT NULL,
	channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'call', 'social', 'live_chat')),
	address text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_aliases_by_address ON conversation_aliases (workspace_id, channel, address);
CREATE INDEX conversation_aliases_by_conversation ON conversation_aliases (workspace_id, conversation_id);
SELECT protect_table('conversation_aliases', 'workspace_id');
GRANT SELECT ON conversation_aliases TO conversations_app;
GRANT SELECT, INSERT ON conversation_aliases TO conversations_writer;
