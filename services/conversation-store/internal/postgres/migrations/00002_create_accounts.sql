-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE workspaces (
	id uuid PRIMARY KEY,
	name text NOT NULL,
	slug text NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now()
);
SELECT protect_table('workspaces', 'id');
GRANT SELECT, INSERT, UPDATE ON workspaces TO conversations_app;
GRANT SELECT ON workspaces TO conversations_writer;

-- A user belongs to no workspace: memberships say where one may work.
CREATE TABLE users (
	id uuid PRIMARY KEY,
	name text NOT NULL,
	email text NOT NULL UNIQUE CHECK (email = lower(email)),
	password_hash text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);
SELECT protect_table('users');
GRANT SELECT (id, name, email, created_at) ON users TO conversations_app;

CREATE TABLE memberships (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	role text NOT NULL CHECK (role IN ('owner', 'admin', 'agent')),
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id, created_at);
SELECT protect_table('memberships', 'workspace_id');
GRANT SELECT, INSERT, UPDATE, DELETE ON memberships TO conversations_app;

-- A workspace sees the users who are its members. memberships is read under the reader's own policy.
CREATE POLICY app_members ON users FOR SELECT TO conversations_app
	USING (EXISTS (SELECT FROM memberships WHERE memberships.user_id = users.id));

CREATE TABLE sessions (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id uuid NOT NULL,
	user_id uuid NOT NULL,
	-- SHA-256 of the token; the token itself is nowhere.
	token_hash bytea NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, user_id) REFERENCES memberships (workspace_id, user_id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON sessions (workspace_id, user_id);
SELECT protect_table('sessions', 'workspace_id');
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO conversations_app;

CREATE TABLE api_keys (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id uuid NOT NULL,
	name text NOT NULL,
	-- The first characters, to tell keys apart.
	prefix text NOT NULL,
	-- SHA-256 of the key; the key itself is nowhere.
	key_hash bytea NOT NULL UNIQUE,
	role text NOT NULL CHECK (role IN ('admin', 'agent')),
	created_by uuid REFERENCES users (id) ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	last_used_at timestamptz,
	revoked_at timestamptz,
	PRIMARY KEY (workspace_id, id)
);
SELECT protect_table('api_keys', 'workspace_id');
GRANT SELECT, INSERT, UPDATE, DELETE ON api_keys TO conversations_app;

-- The two questions that come before a workspace is known. They run as the owner, answer about one e-mail address or
-- write one user, and are executable by the serving role alone.

-- sign_in_user finds a user and their first workspace by e-mail address; no row when there is none.
-- +goose StatementBegin
CREATE FUNCTION sign_in_user(wanted_email text) RETURNS TABLE (
	user_id uuid, user_name text, user_email text, password_hash text,
	workspace_id uuid, workspace_name text, workspace_slug text, member_role text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = conversations, pg_temp AS $$
	SELECT u.id, u.name, u.email, u.password_hash, w.id, w.name, w.slug, m.role
	FROM users u
	JOIN memberships m ON m.user_id = u.id
	JOIN workspaces w ON w.id = m.workspace_id
	WHERE u.email = lower(wanted_email)
	ORDER BY m.created_at, m.workspace_id
	LIMIT 1
$$;
-- +goose StatementEnd

-- create_user writes a user and tells false when the e-mail address is taken.
-- +goose StatementBegin
CREATE FUNCTION create_user(new_id uuid, new_name text, new_email text, new_password_hash text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = conversations, pg_temp AS $$
	WITH created AS (
		INSERT INTO users (id, name, email, password_hash)
		VALUES (new_id, new_name, lower(new_email), new_password_hash)
		ON CONFLICT (email) DO NOTHING
		RETURNING id
	)
	SELECT EXISTS (SELECT FROM created)
$$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION sign_in_user (text), create_user (uuid, text, text, text), protect_table (regclass, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_user (text), create_user (uuid, text, text, text) TO conversations_app;
