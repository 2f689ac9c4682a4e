-- +goose Up
SET LOCAL lock_timeout = '5s';

-- An address at a provider account belongs to one workspace, which may have a channel account on it for each channel
-- it serves. Where they are is said by channel_accounts alone.
ALTER TABLE routes DROP COLUMN channel_account_id;
CREATE UNIQUE INDEX channel_accounts_address ON channel_accounts (workspace_id, provider, provider_account, address, channel);
