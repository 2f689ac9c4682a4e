-- What is known of the conversations e-mails may belong to: those a reply token names, and those of a Message-ID.
SELECT c.workspace_id, '' AS email_message_id, c.id AS conversation_id
FROM unnest($1::uuid[], $2::uuid[]) AS token (workspace_id, conversation_id)
JOIN conversations c ON c.workspace_id = token.workspace_id AND c.id = token.conversation_id AND c.channel = 'email'
UNION ALL
SELECT r.workspace_id, r.email_message_id, r.conversation_id
FROM unnest($3::uuid[], $4::text[]) AS named (workspace_id, email_message_id)
JOIN email_references r ON r.workspace_id = named.workspace_id AND r.email_message_id = named.email_message_id
