INSERT INTO routes (workspace_id, channel_account_id, provider, provider_account, address)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
