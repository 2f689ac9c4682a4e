-- +goose Up
SET LOCAL lock_timeout = '5s';

ALTER TABLE message_events
	-- A person's word on an unknown outcome: decision, user_id, api_key_id. Null for what a provider told.
	ADD COLUMN resolution jsonb;

-- What finds the messages that wait for a person. It is on the events, which are never changed: an index on the status of
-- the messages would make each change of a status dearer.
CREATE INDEX message_events_unknown ON message_events (workspace_id, message_id) WHERE status = 'unknown';
