SELECT c.workspace_id::text, c.id::text, c.channel, c.peer, c.last_message_id::text,
	coalesce((SELECT m.id::text FROM conversations.conversation_messages m
		WHERE m.workspace_id = c.workspace_id AND m.conversation_id = c.id
		ORDER BY m.created_at DESC, m.id DESC LIMIT 1), '')
FROM conversations.conversations c
ORDER BY c.workspace_id, c.id
