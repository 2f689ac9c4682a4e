INSERT INTO channel_accounts
	(workspace_id, id, channel, provider, provider_account, address, mode, sandbox, display_name, is_default)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
