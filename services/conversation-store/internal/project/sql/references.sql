-- The first message that claims a Message-ID keeps it.
INSERT INTO email_references (workspace_id, email_message_id, conversation_id, message_id)
SELECT DISTINCT ON (sent.workspace_id, sent.email_message_id)
	m.workspace_id, sent.email_message_id, m.conversation_id, m.id
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS sent (workspace_id, email_message_id, message_id)
JOIN conversation_messages m ON m.workspace_id = sent.workspace_id AND m.id = sent.message_id
ORDER BY sent.workspace_id, sent.email_message_id, m.created_at, m.id
ON CONFLICT (workspace_id, email_message_id) DO NOTHING
