-- +goose Up
SET LOCAL lock_timeout = '5s';

-- Whether owners choose the plan themselves.
ALTER TABLE plans ADD COLUMN self_service boolean NOT NULL DEFAULT false;
UPDATE plans SET self_service = true WHERE id IN ('free', 'pro', 'enterprise');

-- A workspace as the payment provider knows it. It outlives its workspace, as what is owed does.
CREATE TABLE payment_accounts (
	workspace_id uuid PRIMARY KEY,
	customer_id text NOT NULL UNIQUE CHECK (customer_id <> ''),
	-- What invoices are charged to, in words; empty when there is nothing.
	method text NOT NULL DEFAULT '',
	-- The newest checkout that was carried out.
	checkout_id text NOT NULL DEFAULT '',
	checkout_at timestamptz
);
SELECT protect_table('payment_accounts', 'workspace_id');
GRANT SELECT, INSERT, UPDATE ON payment_accounts TO conversations_app;

-- What is changed in the payment provider's portal was changed by whoever was let in there.
ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_actor_kind_check;
ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_actor_kind_check
	CHECK (actor_kind IN ('session', 'api_key', 'payment_portal'));

ALTER TABLE invoices
	-- The payment provider's id of it; empty until it has one.
	ADD COLUMN external_id text NOT NULL DEFAULT '',
	-- Where a person can pay it.
	ADD COLUMN payment_url text NOT NULL DEFAULT '',
	-- Why it is not collected yet; empty when nothing is wrong.
	ADD COLUMN problem text NOT NULL DEFAULT '',
	-- When the payment provider is asked next.
	ADD COLUMN next_try timestamptz;
GRANT UPDATE (state, external_id, payment_url, problem, next_try) ON invoices TO conversations_app;
CREATE INDEX invoices_to_collect ON invoices (next_try) WHERE state IN ('open', 'failed');
