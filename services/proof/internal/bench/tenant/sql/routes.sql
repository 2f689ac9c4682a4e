INSERT INTO conversations.routes (workspace_id, provider, provider_account, address)
SELECT DISTINCT a.workspace_id, a.provider, a.provider_account, a.address
FROM homes JOIN conversations.channel_accounts a ON a.workspace_id = homes.id
