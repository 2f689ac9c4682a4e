-- Some that were sent, spread over the table.
SELECT workspace_id::text, id::text, channel_account_id::text, provider, external_id
FROM conversations.conversation_messages TABLESAMPLE SYSTEM ($1)
WHERE direction = 'outbound' AND status = 'delivered'
ORDER BY random() LIMIT $2
