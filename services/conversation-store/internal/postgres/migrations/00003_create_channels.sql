-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE channel_accounts (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id uuid NOT NULL,
	channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'call', 'social', 'live_chat')),
	provider text NOT NULL,
	-- The provider's account, for example a project id; empty when the provider has none.
	provider_account text NOT NULL DEFAULT '',
	-- Our address on it, normalised.
	address text NOT NULL,
	mode text NOT NULL CHECK (mode IN ('platform', 'byoc')),
	sandbox boolean NOT NULL DEFAULT false,
	display_name text NOT NULL DEFAULT '',
	-- The account the workspace sends from on this channel when a message names none.
	is_default boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX channel_accounts_default ON channel_accounts (workspace_id, channel) WHERE is_default;
SELECT protect_table('channel_accounts', 'workspace_id');
GRANT SELECT, INSERT, UPDATE, DELETE ON channel_accounts TO conversations_app;
GRANT SELECT ON channel_accounts TO conversations_writer;

-- An address at a provider account belongs to one workspace: the first that takes it.
CREATE TABLE routes (
	workspace_id uuid NOT NULL,
	provider text NOT NULL,
	provider_account text NOT NULL DEFAULT '',
	address text NOT NULL,
	channel_account_id uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, provider, provider_account, address),
	UNIQUE (provider, provider_account, address),
	FOREIGN KEY (workspace_id, channel_account_id) REFERENCES channel_accounts (workspace_id, id) ON DELETE CASCADE
);
SELECT protect_table('routes', 'workspace_id');
GRANT SELECT, INSERT, DELETE ON routes TO conversations_app;

CREATE TABLE workspace_communication_settings (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'call', 'social', 'live_chat')),
	mode text NOT NULL CHECK (mode IN ('platform', 'byoc')),
	provider text NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, channel)
);
SELECT protect_table('workspace_communication_settings', 'workspace_id');
GRANT SELECT, INSERT, UPDATE, DELETE ON workspace_communication_settings TO conversations_app;

-- What the sandbox hands out: +1500 and seven digits, and the number in <slug>-<n>@mail.sandbox.test.
CREATE SEQUENCE sandbox_phone_numbers START 2000001 MINVALUE 2000001 MAXVALUE 9999999 NO CYCLE;
CREATE SEQUENCE sandbox_mailboxes START 1 NO CYCLE;
GRANT USAGE ON SEQUENCE sandbox_phone_numbers, sandbox_mailboxes TO conversations_app;

CREATE TABLE contacts (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id uuid NOT NULL,
	name text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, id)
);
SELECT protect_table('contacts', 'workspace_id');
GRANT SELECT, INSERT, UPDATE, DELETE ON contacts TO conversations_app;
GRANT SELECT, INSERT, UPDATE ON contacts TO conversations_writer;

CREATE TABLE contact_addresses (
	workspace_id uuid NOT NULL,
	channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'call', 'social', 'live_chat')),
	address text NOT NULL,
	contact_id uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, channel, address),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_addresses_by_contact ON contact_addresses (workspace_id, contact_id);
SELECT protect_table('contact_addresses', 'workspace_id');
GRANT SELECT, INSERT, UPDATE, DELETE ON contact_addresses TO conversations_app;
GRANT SELECT, INSERT ON contact_addresses TO conversations_writer;

CREATE TABLE consents (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'call', 'social', 'live_chat')),
	address text NOT NULL,
	state text NOT NULL CHECK (state IN ('opted_in', 'opted_out')),
	-- What it rests on, for example the keyword the customer sent.
	source text NOT NULL DEFAULT '',
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, channel, address)
);
SELECT protect_table('consents', 'workspace_id');
GRANT SELECT, INSERT, UPDATE, DELETE ON consents TO conversations_app;
GRANT SELECT, INSERT, UPDATE ON consents TO conversations_writer;
