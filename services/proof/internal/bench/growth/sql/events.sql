-- What was sent was accepted and delivered.
INSERT INTO conversations.message_events (
	workspace_id, dedupe_key, message_id, channel_account_id, provider, external_id, status, rank, step, attempt, occurred_at)
SELECT m.workspace_id, m.id || '.1.' || happened.status, m.id, m.channel_account_id, m.provider, m.external_id, happened.status,
	happened.rank, happened.step, 1, m.created_at + happened.later
FROM fresh f
JOIN conversations.conversation_messages m ON m.workspace_id = f.workspace_id AND m.conversation_id = f.conversation_id
CROSS JOIN (VALUES
	('sent', 30, 'accepted', interval '1 second'), ('delivered', 40, 'callback', interval '3 seconds')
) AS happened (status, rank, step, later)
WHERE m.direction = 'outbound'
