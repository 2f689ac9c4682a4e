-- +goose Up
SET LOCAL lock_timeout = '5s';

ALTER TABLE consents
	-- Names the row in a cursor.
	ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
	-- In plain words.
	ADD COLUMN reason text NOT NULL DEFAULT '',
	-- The user who decided; null when nobody of the workspace did.
	ADD COLUMN changed_by uuid REFERENCES users (id) ON DELETE SET NULL,
	-- When the address came to want it: a newer change wins, whatever order they arrive in.
	ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now(),
	-- The message it follows from; null when from none.
	ADD COLUMN message_id uuid;
UPDATE consents SET changed_at = updated_at;
CREATE INDEX consents_list ON consents (workspace_id, changed_at DESC, id DESC);
