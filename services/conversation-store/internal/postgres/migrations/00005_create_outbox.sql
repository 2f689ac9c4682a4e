-- +goose Up
SET LOCAL lock_timeout = '5s';

-- What is to be published: committed with the rows it speaks of, deleted when the bus has acknowledged it.
CREATE TABLE outbox (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	workspace_id uuid NOT NULL,
	-- 'change', or the name of a bucket.
	target text NOT NULL,
	-- The subject, or the key in the bucket.
	key text NOT NULL,
	-- Becomes Nats-Msg-Id. Random, so that the ids of a database made anew are not those of the one before.
	message_id uuid NOT NULL DEFAULT gen_random_uuid(),
	-- Null takes the key out of the bucket.
	payload bytea,
	-- W3C trace context of the cause; may be empty.
	traceparent text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL DEFAULT now()
);
SELECT protect_table('outbox', 'workspace_id');
-- The relay serves every workspace and sees this table alone.
CREATE POLICY relay_all ON outbox TO conversations_relay USING (true);
GRANT INSERT ON outbox TO conversations_app, conversations_writer;
GRANT SELECT, DELETE ON outbox TO conversations_relay;
