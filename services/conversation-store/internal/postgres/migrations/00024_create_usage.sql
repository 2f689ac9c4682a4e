-- +goose Up
SET LOCAL lock_timeout = '5s';

-- What may be used in a calendar month, and what it costs. Money is whole numbers: amounts in minor units of the currency,
-- prices of a unit in millionths of its unit.
CREATE TABLE plans (
	id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
	name text NOT NULL CHECK (name <> ''),
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	price_minor bigint NOT NULL CHECK (price_minor >= 0),
	created_at timestamptz NOT NULL DEFAULT now()
);
SELECT protect_table('plans');
GRANT SELECT ON plans TO conversations_app;
-- Every workspace sees what there is to choose from.
CREATE POLICY app_offers ON plans FOR SELECT TO conversations_app USING (EXISTS (SELECT FROM workspaces));

-- A meter that a plan does not list has no limit and no price, unless it is counted with another.
CREATE TABLE plan_allowances (
	plan_id text NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
	meter text NOT NULL CHECK (meter IN ('email', 'sms', 'mms', 'whatsapp', 'call_minute', 'recording')),
	-- Null is any number.
	included bigint CHECK (included >= 0),
	-- Of a unit beyond what is included; 0 allows none.
	overage_micros bigint NOT NULL DEFAULT 0 CHECK (overage_micros >= 0),
	PRIMARY KEY (plan_id, meter)
);
SELECT protect_table('plan_allowances');
GRANT SELECT ON plan_allowances TO conversations_app;
CREATE POLICY app_offers ON plan_allowances FOR SELECT TO conversations_app USING (EXISTS (SELECT FROM workspaces));

-- What a provider takes for a unit, for the operator's margin. It begins with the list prices that providers publish.
CREATE TABLE provider_prices (
	provider text NOT NULL,
	meter text NOT NULL CHECK (meter IN ('email', 'sms', 'mms', 'whatsapp', 'call_minute', 'recording')),
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	unit_cost_micros bigint NOT NULL CHECK (unit_cost_micros >= 0),
	PRIMARY KEY (provider, meter)
);
SELECT protect_table('provider_prices');

INSERT INTO plans (id, name, currency, price_minor) VALUES
	('unlimited', 'Unlimited', 'USD', 0), ('free', 'Free', 'USD', 0), ('pro', 'Pro', 'USD', 4900),
	('enterprise', 'Enterprise', 'USD', 19900);
INSERT INTO plan_allowances (plan_id, meter, included, overage_micros) VALUES
	('free', 'sms', 50, 0), ('free', 'call_minute', 30, 0), ('free', 'email', 100, 0),
	('pro', 'sms', 1000, 12000), ('pro', 'call_minute', 500, 15000), ('pro', 'email', 5000, 1000),
	('enterprise', 'sms', NULL, 0), ('enterprise', 'call_minute', NULL, 0), ('enterprise', 'email', NULL, 0);
ALTER TABLE workspaces
	ADD COLUMN plan_id text NOT NULL DEFAULT 'unlimited' REFERENCES plans (id),
	-- The zone whose calendar months are the periods.
	ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
	-- What use beyond the plan may cost in a period, in minor units of the plan's currency.
	ADD COLUMN spend_cap_minor bigint NOT NULL DEFAULT 0 CHECK (spend_cap_minor >= 0);

-- What was used: a row for each billable effect of an attempt at a message or of a call. It is written when the message is
-- accepted, with what it is expected to take, and settled by what became of it. It outlives its workspace.
CREATE TABLE usage_entries (
	workspace_id uuid NOT NULL,
	message_id uuid NOT NULL,
	attempt integer NOT NULL,
	meter text NOT NULL CHECK (meter IN ('email', 'sms', 'mms', 'whatsapp', 'call_minute', 'recording')),
	-- A calendar month in the workspace's zone, such as 2026-11.
	period text NOT NULL CHECK (period ~ '^[0-9]{4}-[0-9]{2}$'),
	provider text NOT NULL,
	-- Who pays the provider: with byoc the workspace does, and is charged nothing here.
	mode text NOT NULL CHECK (mode IN ('platform', 'byoc')),
	expected bigint NOT NULL CHECK (expected >= 0),
	-- What was reserved of the allowance of a meter, and what had been by then; 0 where nothing was.
	counted_with text NOT NULL DEFAULT '',
	reserved bigint NOT NULL DEFAULT 0,
	mark bigint NOT NULL DEFAULT 0,
	-- What it took; null until that is known.
	units bigint CHECK (units >= 0),
	unit_price_micros bigint NOT NULL DEFAULT 0,
	currency text NOT NULL DEFAULT '',
	occurred_at timestamptz NOT NULL,
	settled_at timestamptz,
	PRIMARY KEY (workspace_id, message_id, attempt, meter)
);
CREATE INDEX usage_entries_by_period ON usage_entries (workspace_id, period, occurred_at, message_id);
SELECT protect_table('usage_entries', 'workspace_id');
GRANT SELECT ON usage_entries TO conversations_app;
GRANT SELECT, INSERT, UPDATE (units, settled_at) ON usage_entries TO conversations_writer;
