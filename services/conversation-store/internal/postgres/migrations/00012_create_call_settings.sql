-- +goose Up
SET LOCAL lock_timeout = '5s';

-- What a workspace does with calls; no row means the defaults.
CREATE TABLE call_settings (
	workspace_id uuid PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
	ring_mode text NOT NULL CHECK (ring_mode IN ('parallel', 'in_turn')),
	ring_seconds integer NOT NULL CHECK (ring_seconds BETWEEN 5 AND 60),
	record boolean NOT NULL,
	announcement text NOT NULL,
	voicemail boolean NOT NULL,
	voicemail_greeting text NOT NULL,
	-- BCP 47; empty is en-US.
	language text NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now()
);
SELECT protect_table('call_settings', 'workspace_id');
GRANT SELECT, INSERT, UPDATE ON call_settings TO conversations_app;

-- Whose phones ring, in this order.
CREATE TABLE call_agents (
	workspace_id uuid NOT NULL REFERENCES call_settings (workspace_id) ON DELETE CASCADE,
	position integer NOT NULL,
	user_id uuid NOT NULL,
	name text NOT NULL,
	-- E.164.
	phone text NOT NULL,
	PRIMARY KEY (workspace_id, position),
	FOREIGN KEY (workspace_id, user_id) REFERENCES memberships (workspace_id, user_id) ON DELETE CASCADE
);
SELECT protect_table('call_agents', 'workspace_id');
GRANT SELECT, INSERT, DELETE ON call_agents TO conversations_app;
