-- +goose Up
SET LOCAL lock_timeout = '5s';

-- The relay looks for bucket entries at every pass, however many facts wait before them.
CREATE INDEX outbox_bucket_entries ON outbox (id) WHERE target <> 'change';
