INSERT INTO conversation_participants (workspace_id, conversation_id, address)
SELECT DISTINCT m.workspace_id, m.conversation_id, seen.address
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS seen (workspace_id, message_id, address)
JOIN conversation_messages m ON m.workspace_id = seen.workspace_id AND m.id = seen.message_id
ORDER BY m.workspace_id, m.conversation_id, seen.address
ON CONFLICT (workspace_id, conversation_id, address) DO NOTHING
