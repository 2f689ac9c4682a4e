-- +goose Up
SET LOCAL lock_timeout = '5s';

-- Since when a user runs the platform: sees and handles what is left over of every workspace. Null for everybody else. The
-- serving role reads it and cannot write it: a command on the store's machine grants it.
ALTER TABLE users ADD COLUMN operator_since timestamptz;
GRANT SELECT (operator_since) ON users TO conversations_app;
