-- +goose Up
SET LOCAL lock_timeout = '5s';

-- What a workspace paid by since when, so that a month is charged by what was agreed at its end.
CREATE TABLE terms_history (
	workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	since timestamptz NOT NULL DEFAULT clock_timestamp(),
	-- As the bucket's entry, in JSON.
	terms jsonb NOT NULL,
	PRIMARY KEY (workspace_id, since)
);
SELECT protect_table('terms_history', 'workspace_id');
GRANT SELECT, INSERT ON terms_history TO conversations_app;

-- What was charged for a month. An invoice is never changed but in what became of it; what turns out later is on the next.
-- It outlives its workspace.
CREATE TABLE invoices (
	workspace_id uuid NOT NULL,
	id uuid NOT NULL,
	period text NOT NULL CHECK (period ~ '^[0-9]{4}-[0-9]{2}$'),
	plan_id text NOT NULL,
	plan_name text NOT NULL,
	currency text NOT NULL,
	lines jsonb NOT NULL,
	total_minor bigint NOT NULL,
	-- not_collected: nobody is asked for the money here.
	state text NOT NULL CHECK (state IN ('not_collected', 'open', 'paid', 'failed')),
	issued_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, id),
	UNIQUE (workspace_id, period)
);
SELECT protect_table('invoices', 'workspace_id');
GRANT SELECT, INSERT ON invoices TO conversations_app;
