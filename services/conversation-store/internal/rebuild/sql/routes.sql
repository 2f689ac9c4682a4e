SELECT a.workspace_id, a.id AS channel_account_id, a.channel, a.provider, a.provider_account, a.address, a.mode, a.sandbox,
	a.display_name, a.is_default, a.credential_id
FROM routes r
JOIN channel_accounts a ON a.workspace_id = r.workspace_id AND a.provider = r.provider
	AND a.provider_account = r.provider_account AND a.address = r.address
