-- +goose Up
SET LOCAL lock_timeout = '5s';

-- A workspace's own account at a provider. Its secrets are sealed before they come here; nothing in the database opens them.
CREATE TABLE credentials (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id uuid NOT NULL,
	provider text NOT NULL,
	-- The provider's id of the account, or the id of this row where the provider has none.
	provider_account text NOT NULL CHECK (provider_account <> ''),
	-- An encoded conversations.bucket.v1.Credential: its values, and its secrets, which are sealed.
	fields bytea NOT NULL,
	-- The last part of the address that the provider's webhooks are sent to.
	token text NOT NULL UNIQUE,
	state text NOT NULL CHECK (state IN ('tested', 'untested')),
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, id),
	UNIQUE (workspace_id, provider)
);
SELECT protect_table('credentials', 'workspace_id');
GRANT SELECT, INSERT, UPDATE, DELETE ON credentials TO conversations_app;

ALTER TABLE channel_accounts
	ADD COLUMN credential_id uuid,
	ADD CHECK ((mode = 'byoc') OR credential_id IS NULL),
	ADD FOREIGN KEY (workspace_id, credential_id) REFERENCES credentials (workspace_id, id) ON DELETE SET NULL (credential_id);

-- Who changed what. Nobody changes an entry.
CREATE TABLE audit_entries (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id uuid NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	actor_kind text NOT NULL CHECK (actor_kind IN ('session', 'api_key')),
	actor_id text NOT NULL,
	-- The address the request came from.
	remote text NOT NULL DEFAULT '',
	action text NOT NULL,
	subject text NOT NULL,
	detail text NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, id)
);
SELECT protect_table('audit_entries', 'workspace_id');
GRANT SELECT, INSERT ON audit_entries TO conversations_app;
