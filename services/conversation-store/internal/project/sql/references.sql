-- The first message that claims a Message-ID keeps it; one that is only referred to gives way to the message itself.
INSERT INTO email_references AS held (workspace_id, email_message_id, conversation_id, message_id, is_seen)
SELECT DISTINCT ON (named.workspace_id, named.email_message_id)
	m.workspace_id, named.email_message_id, m.conversation_id, m.id, named.is_seen
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::boolean[]) AS named (workspace_id, email_message_id, message_id, is_seen)
JOIN conversation_messages m ON m.workspace_id = named.workspace_id AND m.id = named.message_id
ORDER BY named.workspace_id, named.email_message_id, named.is_seen DESC, m.created_at, m.id
ON CONFLICT (workspace_id, email_message_id) DO UPDATE SET
	conversation_id = EXCLUDED.conversation_id, message_id = EXCLUDED.message_id, is_seen = true
	WHERE EXCLUDED.is_seen AND NOT held.is_seen
