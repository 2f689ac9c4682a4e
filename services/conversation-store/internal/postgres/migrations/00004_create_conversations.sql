-- +goose Up
SET LOCAL lock_timeout = '5s';

-- Lists of words are text with CHECK: the equality of an enum is not leakproof, so that row-level security would keep
-- the planner from using an index for it.
CREATE TABLE conversations (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id uuid NOT NULL,
	channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'call', 'social', 'live_chat')),
	channel_account_id uuid NOT NULL,
	-- The customer's normalised address on the channel.
	peer text NOT NULL,
	contact_id uuid NOT NULL,
	status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived', 'closed', 'spam')),
	subject text NOT NULL DEFAULT '',
	snippet text NOT NULL DEFAULT '',
	-- The provider's id of the thread, where it has one.
	external_id text,
	is_unread boolean NOT NULL DEFAULT false,
	is_starred boolean NOT NULL DEFAULT false,
	assigned_to uuid,
	labels text[] NOT NULL DEFAULT '{}',
	tags text[] NOT NULL DEFAULT '{}',
	snoozed_until timestamptz,
	-- The newest message, for the list row.
	last_message_at timestamptz NOT NULL,
	last_message_id uuid NOT NULL,
	last_direction text NOT NULL CHECK (last_direction IN ('inbound', 'outbound')),
	last_status text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, channel_account_id) REFERENCES channel_accounts (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id),
	FOREIGN KEY (workspace_id, assigned_to) REFERENCES memberships (workspace_id, user_id) ON DELETE SET NULL (assigned_to)
);
CREATE INDEX conversations_list ON conversations (workspace_id, last_message_at DESC, id DESC);
CREATE INDEX conversations_list_by_channel ON conversations (workspace_id, channel, last_message_at DESC, id DESC);
CREATE INDEX conversations_list_by_status ON conversations (workspace_id, status, last_message_at DESC, id DESC);
CREATE INDEX conversations_list_unread ON conversations (workspace_id, last_message_at DESC, id DESC) WHERE is_unread;
CREATE INDEX conversations_list_starred ON conversations (workspace_id, last_message_at DESC, id DESC) WHERE is_starred;
CREATE INDEX conversations_list_by_assignee ON conversations (workspace_id, assigned_to, last_message_at DESC, id DESC)
	WHERE assigned_to IS NOT NULL;
CREATE INDEX conversations_by_contact ON conversations (workspace_id, contact_id);
SELECT protect_table('conversations', 'workspace_id');
GRANT SELECT, UPDATE ON conversations TO conversations_app;
GRANT SELECT, INSERT, UPDATE ON conversations TO conversations_writer;

CREATE TABLE conversation_messages (
	workspace_id uuid NOT NULL,
	id uuid NOT NULL,
	conversation_id uuid NOT NULL,
	channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'call', 'social', 'live_chat')),
	channel_account_id uuid NOT NULL,
	direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
	status text NOT NULL CHECK (status IN (
		'scheduled', 'queued', 'sending', 'unknown', 'sent', 'undelivered', 'failed', 'delivered', 'opened', 'read',
		'clicked', 'bounced', 'complained', 'blocked', 'canceled', 'expired', 'received')),
	-- attempt * 1000 + rank of the status: what a receipt must beat.
	status_order integer NOT NULL,
	attempt integer NOT NULL DEFAULT 1,
	provider text NOT NULL,
	mode text NOT NULL DEFAULT 'platform' CHECK (mode IN ('platform', 'byoc')),
	-- The provider's id of the newest attempt.
	external_id text,
	provider_status text NOT NULL DEFAULT '',
	failure jsonb,
	from_address text NOT NULL,
	from_name text NOT NULL DEFAULT '',
	to_address text NOT NULL,
	subject text NOT NULL DEFAULT '',
	-- Empty for a message of media alone.
	body text NOT NULL DEFAULT '',
	html text NOT NULL DEFAULT '',
	reply_to text NOT NULL DEFAULT '',
	-- RFC 5322 identifiers without angle brackets.
	email_message_id text NOT NULL DEFAULT '',
	in_reply_to text NOT NULL DEFAULT '',
	email_references text[] NOT NULL DEFAULT '{}',
	-- The user who sent it; null for a customer and for an API key.
	sender_id uuid REFERENCES users (id) ON DELETE SET NULL,
	sender_email text GENERATED ALWAYS AS (CASE WHEN channel = 'email' THEN from_address END) STORED,
	sender_phone text GENERATED ALWAYS AS (CASE WHEN channel IN ('sms', 'whatsapp', 'call') THEN from_address END) STORED,
	is_delivered boolean GENERATED ALWAYS AS (status IN ('delivered', 'opened', 'read', 'clicked', 'complained')) STORED,
	is_read boolean GENERATED ALWAYS AS (status IN ('opened', 'read', 'clicked')) STORED,
	-- When it was accepted (outbound) or written (inbound).
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, id),
	UNIQUE (workspace_id, channel_account_id, external_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (workspace_id, channel_account_id) REFERENCES channel_accounts (workspace_id, id)
);
CREATE INDEX conversation_messages_list ON conversation_messages (workspace_id, conversation_id, created_at DESC, id DESC);
SELECT protect_table('conversation_messages', 'workspace_id');
GRANT SELECT ON conversation_messages TO conversations_app;
GRANT SELECT, INSERT, UPDATE ON conversation_messages TO conversations_writer;

CREATE TABLE message_attachments (
	workspace_id uuid NOT NULL,
	message_id uuid NOT NULL,
	position integer NOT NULL,
	id text NOT NULL,
	filename text NOT NULL DEFAULT '',
	content_type text NOT NULL DEFAULT '',
	-- Bytes.
	size bigint NOT NULL DEFAULT 0,
	blob_key text NOT NULL DEFAULT '',
	content_id text NOT NULL DEFAULT '',
	-- Why the file is not in the blob store; empty when it is.
	missing_reason text NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, message_id, position),
	FOREIGN KEY (workspace_id, message_id) REFERENCES conversation_messages (workspace_id, id) ON DELETE CASCADE
);
SELECT protect_table('message_attachments', 'workspace_id');
GRANT SELECT ON message_attachments TO conversations_app;
GRANT SELECT, INSERT ON message_attachments TO conversations_writer;

-- Everything that became of an outbound message, from accept to receipt; never changed but for message_id, which is
-- filled in when a receipt that named the message by external_id alone is understood. The state of a message is derived
-- from its events, so their order of arrival does not matter.
CREATE TABLE message_events (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	-- Names the fact: the second event with the same key changes nothing.
	dedupe_key text NOT NULL,
	message_id uuid,
	channel_account_id uuid,
	provider text NOT NULL DEFAULT '',
	external_id text,
	status text NOT NULL,
	rank integer NOT NULL,
	provider_status text NOT NULL DEFAULT '',
	-- The step of the journey: accepted, claimed, callback, reconciled ...
	step text NOT NULL DEFAULT '',
	-- 0 when the provider's callback does not say.
	attempt integer NOT NULL DEFAULT 0,
	failure jsonb,
	email_message_id text NOT NULL DEFAULT '',
	occurred_at timestamptz NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, dedupe_key)
);
CREATE INDEX message_events_by_message ON message_events (workspace_id, message_id, occurred_at) WHERE message_id IS NOT NULL;
CREATE INDEX message_events_by_external_id ON message_events (workspace_id, external_id) WHERE external_id IS NOT NULL;
SELECT protect_table('message_events', 'workspace_id');
GRANT SELECT ON message_events TO conversations_app;
GRANT SELECT, INSERT, UPDATE (message_id) ON message_events TO conversations_writer;

-- Webhooks as they arrived, beside what was read out of them.
CREATE TABLE raw_payloads (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	kind text NOT NULL CHECK (kind IN ('message', 'receipt')),
	-- The message id, or the receipt's dedupe key.
	reference text NOT NULL,
	method text NOT NULL DEFAULT '',
	url text NOT NULL DEFAULT '',
	headers text[] NOT NULL DEFAULT '{}',
	body bytea NOT NULL DEFAULT '',
	received_at timestamptz NOT NULL,
	PRIMARY KEY (workspace_id, kind, reference)
);
SELECT protect_table('raw_payloads', 'workspace_id');
GRANT SELECT ON raw_payloads TO conversations_app;
GRANT SELECT, INSERT ON raw_payloads TO conversations_writer;

-- Which conversation a Message-ID (RFC 5322, without angle brackets) belongs to: what threads an e-mail without a token.
CREATE TABLE email_references (
	workspace_id uuid NOT NULL,
	email_message_id text NOT NULL,
	conversation_id uuid NOT NULL,
	message_id uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, email_message_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
SELECT protect_table('email_references', 'workspace_id');
GRANT SELECT ON email_references TO conversations_app;
GRANT SELECT, INSERT ON email_references TO conversations_writer;
