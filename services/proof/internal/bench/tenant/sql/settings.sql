INSERT INTO conversations.workspace_communication_settings (workspace_id, channel, mode, provider)
SELECT a.workspace_id, a.channel, a.mode, a.provider
FROM homes JOIN conversations.channel_accounts a ON a.workspace_id = homes.id
WHERE a.is_default
