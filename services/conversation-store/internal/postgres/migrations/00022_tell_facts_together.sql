-- +goose Up
SET LOCAL lock_timeout = '5s';

-- The facts of a transaction are one row: what one row costs is most of what a fact cost. The row's workspace is that of its
-- first fact; a batch of the writer may hold facts of others beside it, which nobody reads but the relay. A row whose key is
-- a subject is one fact, as they were written before.
ALTER TABLE outbox ADD COLUMN facts integer NOT NULL DEFAULT 0 CHECK (facts >= 0);
UPDATE outbox SET facts = 1 WHERE target = 'change';
