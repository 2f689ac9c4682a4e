SELECT c.channel, c.channel_account_id::text, c.peer, c.subject,
	COALESCE(m.email_message_id, '') AS in_reply_to, COALESCE(m.email_references, '{}') AS email_references
FROM conversations c
LEFT JOIN LATERAL (
	SELECT email_message_id, email_references
	FROM conversation_messages
	WHERE workspace_id = c.workspace_id AND conversation_id = c.id AND email_message_id <> ''
	ORDER BY created_at DESC, id DESC
	LIMIT 1
) m ON true
WHERE c.id = @id
