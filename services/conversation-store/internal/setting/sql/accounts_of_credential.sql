SELECT workspace_id, id AS channel_account_id, channel, provider, provider_account, address, mode, sandbox,
	display_name, is_default, credential_id
FROM channel_accounts
WHERE credential_id = $1
