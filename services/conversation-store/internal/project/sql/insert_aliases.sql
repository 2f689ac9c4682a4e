INSERT INTO conversation_aliases (workspace_id, id, conversation_id, channel, address)
SELECT DISTINCT ON (alias.workspace_id, alias.id)
	alias.workspace_id, alias.id, m.conversation_id, m.channel, alias.address
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS alias (workspace_id, message_id, id, address)
JOIN conversation_messages m ON m.workspace_id = alias.workspace_id AND m.id = alias.message_id
ORDER BY alias.workspace_id, alias.id, m.created_at, m.id
ON CONFLICT (workspace_id, id) DO NOTHING
RETURNING workspace_id, conversation_id
