SELECT a.workspace_id::text, a.id::text, a.channel, a.provider, a.provider_account, a.address, a.mode, a.sandbox,
	a.display_name, a.is_default
FROM homes JOIN conversations.channel_accounts a ON a.workspace_id = homes.id
ORDER BY homes.n
